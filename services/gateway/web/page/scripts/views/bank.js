/** 3-D Secure: the bank asks its customer. With the stand-in the question is asked here. */

import { fill, h } from "../elements.js";
import { money } from "../format.js";
import { t } from "../language.js";
import { workButton } from "../parts/buttons.js";
import { openDialog } from "../parts/dialog.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { authenticateAtStandin, standinOrigin } from "../payment-mode.js";

/** @typedef {import("../bookings.js").Payment} Payment */

/**
 * Let the customer answer the bank; false when they left without an answer.
 * @param {Payment} payment
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>}
 */
export async function askBank(payment, signal) {
  let isAnswered = false;
  const answered = (/** @type {() => void} */ close) => {
    isAnswered = true;
    close();
  };
  const content = (/** @type {() => void} */ close) => {
    if (payment.simulated && standinOrigin()) return standinQuestion(payment, signal, () => answered(close));
    return bankPage(payment, () => answered(close));
  };
  await openDialog(t("bank.title"), content, signal);
  return isAnswered;
}

/** @param {Payment} payment @param {AbortSignal} signal @param {() => void} done */
function standinQuestion(payment, signal, done) {
  const problem = noticePlace();
  const answer = (/** @type {boolean} */ success) => async () => {
    fill(problem);
    try {
      await authenticateAtStandin({ paymentIntentId: String(payment.paymentIntentId), clientSecret: String(payment.clientSecret) }, success, signal);
      done();
    } catch (error) {
      showProblem(problem, error);
    }
  };
  return [
    notice("warn", t("bank.test")),
    h("p", {}, t("bank.question", { amount: money({ amount: payment.amount, currency: payment.currency }) })),
    problem,
    h(
      "div",
      { class: "stack-tight" },
      workButton(t("bank.yes"), "button button-wide", answer(true), t("state.working")),
      workButton(t("bank.no"), "button button-bad button-wide", answer(false), t("state.working")),
    ),
  ];
}

/** @param {Payment} payment @param {() => void} done */
function bankPage(payment, done) {
  const url = payment.nextAction?.url ?? "";
  if (!url.startsWith("https://")) return [notice("warn", t("bank.needs_library"))];
  return [
    h("p", {}, t("bank.on_their_page")),
    h("a", { class: "button button-wide", href: url, target: "_blank", rel: "noreferrer" }, t("bank.open")),
    h("button", { type: "button", class: "button button-quiet button-wide", onclick: done }, t("bank.done")),
  ];
}
