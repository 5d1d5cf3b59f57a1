/** What a provider says of a visit: accepted or declined, and with a reason where one is asked for. */

import { fill, h } from "../elements.js";
import { Intention } from "../intention.js";
import { t } from "../language.js";
import { whileBusy, workButton } from "../parts/buttons.js";
import { openDialog } from "../parts/dialog.js";
import { field } from "../parts/fields.js";
import { noticePlace, showProblem } from "../parts/notice.js";
import { isAborted } from "../problem.js";

/** @typedef {import("../bookings.js").Booking} Booking */

/** Accept, or decline. @param {Booking} visit @param {AbortSignal} signal @param {() => Promise<void>} onDone */
export function answerButtons(visit, signal, onDone) {
  const accept = deedButton(visit, { deed: "accept", text: t("answer.accept"), style: "button" }, signal, onDone);
  const decline = reasonButton(visit, "decline", signal, onDone);
  return h("div", { class: "row deeds" }, accept, decline);
}

/**
 * A button that says something of a visit; `body` may take its time, as a device that looks where it is.
 * @param {Booking} visit
 * @param {{deed: string, text: string, style: string, body?: () => Promise<any>}} wanted
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} onDone
 */
export function deedButton(visit, { deed, text, style, body = async () => ({}) }, signal, onDone) {
  const problem = noticePlace();
  const intention = new Intention();
  const button = workButton(
    text,
    style,
    async () => {
      fill(problem);
      try {
        await intention.carryOut(`provider/bookings/${visit.bookingId}/${deed}`, await body(), signal);
        await onDone();
      } catch (error) {
        if (!isAborted(error)) showProblem(problem, error);
      }
    },
    t("state.working"),
  );
  return h("div", { class: "stack-tight" }, button, problem);
}

/** Declining and cancelling give everything back, and may say why. @param {Booking} visit @param {"decline" | "cancel"} deed @param {AbortSignal} signal @param {() => Promise<void>} onDone */
export function reasonButton(visit, deed, signal, onDone) {
  const ask = () => openDialog(t(`answer.${deed}_title`), (close) => [reasonForm(visit, deed, signal, onDone, close)], signal);
  return h("div", {}, h("button", { type: "button", class: "button button-bad", onclick: () => void ask() }, t(`answer.${deed}`)));
}

/** @param {Booking} visit @param {string} deed @param {AbortSignal} signal @param {() => Promise<void>} onDone @param {() => void} close */
function reasonForm(visit, deed, signal, onDone, close) {
  const intention = new Intention();
  const problem = noticePlace();
  const reason = h("textarea", { name: "reason", maxlength: 500, rows: 3 });
  const button = h("button", { type: "submit", class: "button button-bad button-wide" }, t(`answer.${deed}`));
  const form = h(
    "form",
    { class: "stack" },
    h("p", {}, t("answer.gives_back")),
    field(t("answer.reason"), reason),
    problem,
    h("div", { class: "stack-tight" }, button, h("button", { type: "button", class: "button button-quiet button-wide", onclick: close }, t("cancel.keep"))),
  );
  const send = async () => {
    fill(problem);
    try {
      await intention.carryOut(`provider/bookings/${visit.bookingId}/${deed}`, { reason: reason.value.trim() || null }, signal);
      close();
      await onDone();
    } catch (error) {
      if (!isAborted(error)) showProblem(problem, error);
    }
  };
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    void whileBusy(button, t("state.working"), send);
  });
  return form;
}
