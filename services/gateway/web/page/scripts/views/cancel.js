/** Cancelling: what comes back is shown first, and exactly that is given back or nothing is done. */

import { refundQuote, refundTotal } from "../bookings.js";
import { fill, h } from "../elements.js";
import { money, moment, percent } from "../format.js";
import { Intention } from "../intention.js";
import { t } from "../language.js";
import { workButton } from "../parts/buttons.js";
import { openDialog } from "../parts/dialog.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { isAborted, Problem } from "../problem.js";

/** @typedef {import("../bookings.js").Booking} Booking @typedef {import("../bookings.js").RefundQuote} RefundQuote */

/**
 * @param {Booking} booking
 * @param {AbortSignal} signal
 * @param {(cancelled: Booking) => void} onCancelled
 */
export function cancelButton(booking, signal, onCancelled) {
  const problem = noticePlace();
  const isHold = isUnpaid(booking);
  const button = workButton(
    t(isHold ? "cancel.let_go" : "cancel.begin"),
    "button button-bad",
    async () => {
      fill(problem);
      try {
        const quote = await refundQuote(booking.bookingId, signal);
        await openDialog(t(isHold ? "cancel.title_hold" : "cancel.title"), (close) => [new CancelQuestion(booking, quote, signal, onCancelled, close).element], signal);
      } catch (error) {
        if (!isAborted(error)) showProblem(problem, error);
      }
    },
    t("state.working"),
  );
  return h("div", { class: "stack" }, h("p", {}, button), problem);
}

/** A hold; what waits for its provider's answer is paid. @param {Booking} booking */
function isUnpaid({ state, pendingFor }) {
  return state === "pending" && pendingFor !== "provider";
}

class CancelQuestion {
  /** @param {Booking} booking @param {RefundQuote} quote @param {AbortSignal} signal @param {(cancelled: Booking) => void} onCancelled @param {() => void} close */
  constructor(booking, quote, signal, onCancelled, close) {
    this.booking = booking;
    this.signal = signal;
    this.onCancelled = onCancelled;
    this.close = close;
    this.intention = new Intention();
    this.problem = noticePlace();
    this.shown = h("div", { class: "stack", "aria-live": "polite" });
    this.element = h("div", { class: "stack" }, this.shown, this.problem, this.#buttons());
    this.#show(quote, false);
  }

  /** @param {RefundQuote} quote @param {boolean} hasChanged */
  #show(quote, hasChanged) {
    this.quote = quote;
    fill(this.shown, hasChanged && notice("warn", t("cancel.changed")), ...(isUnpaid(this.booking) ? [h("p", {}, t("cancel.nothing_charged"))] : refundShown(quote, this.booking)));
  }

  #buttons() {
    const isHold = isUnpaid(this.booking);
    return h(
      "div",
      { class: "stack-tight" },
      workButton(t(isHold ? "cancel.agree_hold" : "cancel.agree"), "button button-bad button-wide", () => this.#cancel(), t("state.working")),
      h("button", { type: "button", class: "button button-quiet button-wide", onclick: this.close }, t("cancel.keep")),
    );
  }

  async #cancel() {
    fill(this.problem);
    try {
      const path = `customer/bookings/${this.booking.bookingId}/cancel`;
      const { data } = await this.intention.carryOut(path, { refundQuoteId: this.quote?.quoteId }, this.signal);
      this.close();
      this.onCancelled(data);
    } catch (error) {
      const isChanged = error instanceof Problem && error.code === "quote_changed" && error.details.quote;
      if (isChanged) this.#show(error.details.quote, true);
      else showProblem(this.problem, error);
    }
  }
}

/** @param {RefundQuote} quote @param {Booking} booking */
function refundShown(quote, booking) {
  const rows = [
    [t("cancel.service", { percent: percent(quote.refundPercent) }), money(quote.serviceRefund)],
    ...(quote.tipRefund.amount > 0 ? [[t("cancel.tip"), money(quote.tipRefund)]] : []),
  ];
  return [
    h("p", { class: "refund-total" }, h("span", { class: "soft" }, t("cancel.comes_back")), h("strong", { class: "numbers" }, money(refundTotal(quote)))),
    h(
      "table",
      { class: "sums" },
      h("caption", { class: "unseen" }, t("cancel.comes_back")),
      h("tbody", {}, rows.map(([name, amount]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, amount)))),
    ),
    h("p", { class: "soft small" }, t("cancel.valid_until", { moment: moment(quote.validUntil, booking.timeZone) })),
  ];
}
