/** The free times of a day, as they are now: what others take goes, what is given back comes. */

import { availability } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { time } from "../format.js";
import { t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { workButton } from "../parts/buttons.js";
import { showProblem } from "../parts/notice.js";
import { isAborted, Problem } from "../problem.js";
import { oneAtATime } from "../reading.js";
import { onLine, watchDay } from "../realtime.js";
import { user } from "../session.js";

/** @typedef {import("../catalogue.js").Slot} Slot */

const LOOK_AGAIN_MS = 30_000;
const STALE_MS = 10_000;
const GONE_MS = 2_500;
const OFFERED = 3;
const PARTS = /** @type {const} */ ([["morning", 0, 12], ["afternoon", 12, 17], ["evening", 17, 24]]);

/**
 * @param {{provider: import("../catalogue.js").Provider, service: import("../catalogue.js").Service, date: string,
 *   start: string | null, signal: AbortSignal, onChoose: (slot: Slot) => void, onGone: (next: Slot[]) => void,
 *   findFreeDay: () => Promise<boolean>, isDayChosen: boolean}} wanted
 */
export function times(wanted) {
  return new Times(wanted).element;
}

class Times {
  /** @param {Parameters<typeof times>[0]} wanted */
  constructor(wanted) {
    this.wanted = wanted;
    /** @type {Map<string, {slot: Slot, button: HTMLButtonElement}>} */
    this.shown = new Map();
    this.chosen = "";
    this.isFirst = true;
    this.isLive = false;
    this.isStale = false;
    /** @type {number | undefined} */
    this.again = undefined;
    this.read = oneAtATime(() => this.#readOnce());
    this.parts = PARTS.map(([name, from, to]) => ({ from, to, ...part(name) }));
    this.body = h("div", { class: "stack" }, h("div", { class: "skeleton skeleton-card" }));
    this.line = h("p", { class: "live small" });
    this.element = h("div", { class: "stack times" }, this.body, this.line);
    void this.read();
    this.#watch();
  }

  #watch() {
    const { provider, date, signal } = this.wanted;
    watchDay(provider.providerId, date, () => void this.read(), signal);
    onLine((isLive) => {
      this.isLive = isLive;
      this.#showLine();
    }, signal);
    const timer = setInterval(() => document.visibilityState === "visible" && !user() && void this.read(), LOOK_AGAIN_MS);
    signal.addEventListener("abort", () => clearInterval(timer), { once: true });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.read(), { signal });
  }

  #showLine() {
    const isLive = this.isLive && !this.isStale;
    const words = isLive ? "times.live" : this.isStale || user() ? "times.connecting" : "times.not_live";
    this.line.classList.toggle("live-on", isLive);
    fill(this.line, h("span", { class: "live-dot", "aria-hidden": "true" }), t(words));
  }

  /** @param {boolean} isStale */
  #note(isStale) {
    if (this.isStale === isStale) return;
    this.isStale = isStale;
    this.#showLine();
  }

  async #readOnce() {
    try {
      const { provider, service, date, signal } = this.wanted;
      await this.#show((await availability(provider.providerId, service.serviceId, date, signal)).slots);
      this.#note(false);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    if (isAborted(error)) return;
    if (!this.isFirst && error instanceof Problem) {
      // What is shown stays, and what was chosen; that it may be old is said.
      this.#note(true);
      clearTimeout(this.again);
      this.again = setTimeout(() => !this.wanted.signal.aborted && void this.read(), Math.max(error.retryAfter * 1000, STALE_MS));
      return;
    }
    fill(this.body, h("div", { role: "alert" }));
    showProblem(/** @type {Element} */ (this.body.firstElementChild), error, () => void this.read());
  }

  /** @param {Slot[]} slots */
  async #show(slots) {
    if (this.isFirst) {
      if (slots.length === 0 && !this.wanted.isDayChosen && (await this.wanted.findFreeDay())) return;
      fill(this.body, this.parts.map(({ section }) => section));
    }
    const free = new Set(slots.map((slot) => slot.startsAt));
    const gone = [...this.shown.keys()].filter((start) => !free.has(start));
    for (const start of gone) this.#take(start, slots);
    for (const slot of slots) if (!this.shown.has(slot.startsAt)) this.#offer(slot, slots);
    this.#tidy();
    if (this.isFirst) this.#begin();
  }

  #begin() {
    this.isFirst = false;
    const start = this.wanted.start;
    const found = start ? this.shown.get(start) : undefined;
    if (found) this.#choose(found.slot);
  }

  /** When the clocks are set back, a time comes twice that day: both say which they are. @param {Slot} slot @param {Slot[]} slots */
  #offer(slot, slots) {
    const { provider } = this.wanted;
    const isTwice = slots.some((other) => other !== slot && other.localTime === slot.localTime);
    const text = time(slot.startsAt, provider.timeZone) + (isTwice ? ` (${slot.utcOffset})` : "");
    const button = h(
      "button",
      { type: "button", class: this.isFirst ? "time" : "time time-new", "data-start": slot.startsAt, "aria-pressed": "false", onclick: () => this.#choose(slot) },
      h("bdi", { class: "numbers" }, text),
    );
    const hour = Number(slot.localTime.slice(0, 2));
    const { list } = /** @type {any} */ (this.parts.find(({ from, to }) => hour >= from && hour < to));
    const next = [...list.children].find((item) => item.firstElementChild.dataset.start > slot.startsAt);
    list.insertBefore(h("li", {}, button), next ?? null);
    this.shown.set(slot.startsAt, { slot, button });
  }

  /** @param {Slot} slot */
  #choose(slot) {
    const found = this.shown.get(slot.startsAt);
    if (!found) return;
    this.shown.get(this.chosen)?.button.setAttribute("aria-pressed", "false");
    this.chosen = slot.startsAt;
    found.button.setAttribute("aria-pressed", "true");
    this.wanted.onChoose(slot);
  }

  /** A time that is no longer free: it is seen to go, and its neighbours are offered. @param {string} start @param {Slot[]} slots */
  #take(start, slots) {
    const { button } = /** @type {any} */ (this.shown.get(start));
    this.shown.delete(start);
    button.classList.add("time-gone");
    button.setAttribute("aria-disabled", "true");
    button.setAttribute("aria-pressed", "false");
    setTimeout(() => {
      const next = button.parentElement?.nextElementSibling?.querySelector("button");
      if (document.activeElement === button) next?.focus();
      button.parentElement?.remove();
      this.#tidy();
    }, GONE_MS);
    announce(t("times.gone", { time: time(start, this.wanted.provider.timeZone) }));
    if (start !== this.chosen) return;
    this.chosen = "";
    this.wanted.onGone(slots.filter((slot) => slot.startsAt > start).slice(0, OFFERED));
  }

  #tidy() {
    for (const { section, list } of this.parts) section.hidden = list.children.length === 0;
    const isEmpty = this.parts.every(({ section }) => section.hidden);
    const shown = this.body.querySelector(".empty");
    if (isEmpty && !shown) this.body.append(this.#nothing());
    else if (!isEmpty) shown?.remove();
  }

  #nothing() {
    const look = workButton(t("times.next_day"), "button button-quiet", async () => {
      try {
        if (!(await this.wanted.findFreeDay())) announce(t("times.none_soon"));
      } catch (error) {
        showProblem(problem, error);
      }
    });
    const problem = h("div", { role: "alert" });
    return h("div", { class: "empty" }, h("h3", {}, t("times.none")), h("p", { class: "soft" }, t("times.none_hint")), look, problem);
  }
}

/** @param {string} name */
function part(name) {
  const list = h("ul", { class: "time-list" });
  return { list, section: h("section", { class: "stack-tight", hidden: true }, h("h3", { class: "part-of-day" }, t(`times.${name}`)), list) };
}
