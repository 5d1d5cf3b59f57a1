/** A booking's state in a word or two, and until when something is waited for. */

import { h } from "../elements.js";
import { moment } from "../format.js";
import { t } from "../language.js";
import { serverClock } from "../server-clock.js";

/** @typedef {import("../bookings.js").Booking} Booking */

/** @type {Record<string, string>} */
const STYLES = {
  pending: "pill-warn", waiting: "pill-warn", confirmed: "pill-good", in_progress: "pill-good", completed: "pill-good",
  contested: "pill-warn", no_show: "pill-bad",
};

/** @param {Booking} booking */
export function statePills(booking) {
  const state = wordOf(booking);
  const isToCome = booking.state === "pending" || booking.state === "confirmed";
  return h(
    "span",
    { class: "pills" },
    booking.moves && isToCome ? h("span", { class: "pill" }, t("booking.moved")) : null,
    h("span", { class: `pill ${STYLES[state] ?? ""}` }, t(`booking_state.${state}`)),
  );
}

/** A state, or what a state waits for. @param {Booking} booking */
function wordOf({ state, pendingFor, contest }) {
  if (state === "pending" && pendingFor === "provider") return "waiting";
  return state === "no_show" && contest === "open" ? "contested" : state;
}

/** Until when who may do what; empty when nothing is waited for. @param {Booking} booking @param {boolean} [isProvider] who reads it */
export function deadlineOf(booking, isProvider = false) {
  const { state, pendingFor, holdExpiresAt, contestUntil, contest, timeZone } = booking;
  if (state === "pending" && holdExpiresAt) {
    const unpaid = isProvider ? "deadline.unpaid" : "deadline.pay";
    return t(pendingFor !== "provider" ? unpaid : isProvider ? "deadline.your_answer" : "deadline.answer", { moment: moment(holdExpiresAt, timeZone) });
  }
  if (state === "no_show" && contestUntil && !contest && serverClock.until(contestUntil) > 0) return t("deadline.contest", { moment: moment(contestUntil, timeZone) });
  return "";
}
