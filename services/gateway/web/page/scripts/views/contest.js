/** A visit that was missed, as its provider says: its customer may contest that for a day. */

import { fill, h } from "../elements.js";
import { Intention } from "../intention.js";
import { t } from "../language.js";
import { whileBusy } from "../parts/buttons.js";
import { openDialog } from "../parts/dialog.js";
import { clearErrors, field, showErrors } from "../parts/fields.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { deadlineOf } from "../parts/state-pill.js";
import { isAborted } from "../problem.js";

/** @typedef {import("../bookings.js").Booking} Booking */

/** @param {Booking} booking @param {AbortSignal} signal @param {() => Promise<void>} readAgain */
export function contestActions(booking, signal, readAgain) {
  if (booking.contest) return [notice("plain", t(booking.contest === "open" ? "contest.open" : "contest.stands"))];
  const deadline = deadlineOf(booking);
  if (!deadline) return [notice("plain", t("contest.over"))];
  const ask = () => openDialog(t("contest.title"), (close) => [contestForm(booking, signal, readAgain, close)], signal);
  return [
    notice("warn", t("contest.hint"), deadline),
    h("p", {}, h("button", { type: "button", class: "button", onclick: () => void ask() }, t("contest.begin"))),
  ];
}

/** @param {Booking} booking @param {AbortSignal} signal @param {() => Promise<void>} readAgain @param {() => void} close */
function contestForm(booking, signal, readAgain, close) {
  const intention = new Intention();
  const problem = noticePlace();
  const reason = h("textarea", { name: "reason", maxlength: 500, rows: 4 });
  const button = h("button", { type: "submit", class: "button button-wide" }, t("contest.submit"));
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    h("p", {}, t("contest.what_follows")),
    field(t("contest.reason"), reason),
    problem,
    h("div", { class: "stack-tight" }, button, h("button", { type: "button", class: "button button-quiet button-wide", onclick: close }, t("action.close"))),
  );
  const send = async () => {
    try {
      await intention.carryOut(`customer/bookings/${booking.bookingId}/contest`, { reason: reason.value.trim() }, signal);
      close();
      await readAgain();
    } catch (error) {
      if (!isAborted(error)) showProblem(problem, error);
    }
  };
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    fill(problem);
    clearErrors(form);
    if (!reason.value.trim()) showErrors(form, { reason: t("field.reason") });
    else void whileBusy(button, t("state.working"), send);
  });
  return form;
}
