/** How long a hold lasts, by the server's clock. */

import { h } from "../elements.js";
import { remaining } from "../format.js";
import { t } from "../language.js";
import { serverClock } from "../server-clock.js";
import { announce } from "./announcer.js";

const TICK_MS = 500;
const SAID_AT_MINUTES = [5, 2, 1];
const URGENT_MS = 2 * 60_000;

/**
 * A clock that runs down to an instant.
 * @param {string} endsAt
 * @param {() => void} onEnd called once
 * @param {AbortSignal} signal
 */
export function countdown(endsAt, onEnd, signal) {
  const shown = h("span", { class: "countdown-time numbers" });
  const place = h("div", { class: "countdown", role: "timer", "aria-live": "off" }, h("span", {}, t("hold.left")), shown);
  const whole = Math.max(1, serverClock.until(endsAt));
  const bar = h("progress", { class: "countdown-bar", max: String(whole), "aria-hidden": "true" });
  const toSay = SAID_AT_MINUTES.filter((minutes) => minutes * 60_000 < whole);
  const tick = () => {
    const left = serverClock.until(endsAt);
    shown.textContent = remaining(left);
    bar.value = Math.max(0, left);
    place.classList.toggle("countdown-urgent", left < URGENT_MS);
    if (toSay.length > 0 && left <= toSay[0] * 60_000) {
      announce(t("hold.left_minutes", { count: /** @type {number} */ (toSay.shift()) }));
    }
    if (left > 0) return;
    clearInterval(timer);
    onEnd();
  };
  const timer = setInterval(tick, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  queueMicrotask(tick);
  return h("div", { class: "stack-tight" }, place, bar);
}
