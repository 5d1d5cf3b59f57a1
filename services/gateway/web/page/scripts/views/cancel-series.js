/** Cancelling visits of a series: which ones is asked, what comes back is shown, and exactly that is done. */

import { fill, h } from "../elements.js";
import { money, moment } from "../format.js";
import { Intention } from "../intention.js";
import { t } from "../language.js";
import { whileBusy } from "../parts/buttons.js";
import { openDialog } from "../parts/dialog.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { isAborted, Problem } from "../problem.js";
import { seriesRefund } from "../series.js";

/** @typedef {import("../series.js").Series} Series @typedef {import("../series.js").SeriesRefund} SeriesRefund */

/** @param {Series} found @param {number | null} position of the visit from which it counts; null: all @param {AbortSignal} signal @param {() => Promise<void>} onDone */
export function cancelSeriesButton(found, position, signal, onDone) {
  const ask = () => openDialog(t("cancel_series.title"), (close) => [new Question(found, position, signal, onDone, close).element], signal);
  const attributes = { type: "button", class: "button button-bad", "data-keep": `cancel-${position ?? "all"}`, onclick: () => void ask() };
  if (position === null) return h("p", {}, h("button", attributes, t("cancel_series.all")));
  const day = dayOf(found, position);
  return h("button", attributes, t("cancel_series.begin"), h("span", { class: "unseen" }, ` ${day}`));
}

class Question {
  /** @param {Series} found @param {number | null} position @param {AbortSignal} signal @param {() => Promise<void>} onDone @param {() => void} close */
  constructor(found, position, signal, onDone, close) {
    this.found = found;
    this.position = position;
    this.signal = signal;
    this.onDone = onDone;
    this.close = close;
    this.scope = position === null ? "all" : "one";
    this.intention = new Intention();
    this.asking = 0;
    /** @type {SeriesRefund | null} */
    this.quote = null;
    this.shown = h("div", { class: "stack", "aria-live": "polite" });
    this.problem = noticePlace();
    this.button = h("button", { type: "submit", class: "button button-bad button-wide" }, t("cancel_series.agree"));
    this.element = h(
      "form",
      { class: "stack" },
      position !== null && this.#scopes(),
      this.shown,
      this.problem,
      h("div", { class: "stack-tight" }, this.button, h("button", { type: "button", class: "button button-quiet button-wide", onclick: close }, t("cancel.keep"))),
    );
    this.element.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      if (this.quote) void whileBusy(this.button, t("state.working"), () => this.#cancel());
    });
    void this.#ask();
  }

  #scopes() {
    const choose = (/** @type {string} */ scope) => () => {
      this.scope = scope;
      void this.#ask();
    };
    const choice = (/** @type {string} */ scope) =>
      h(
        "label",
        { class: "choice" },
        h("input", { type: "radio", name: "scope", value: scope, checked: scope === this.scope, onchange: choose(scope) }),
        h("span", { class: "choice-text" }, t(`cancel_series.scope_${scope}`, { day: dayOf(this.found, Number(this.position)) })),
      );
    return h("fieldset", {}, h("legend", { class: "legend" }, t("cancel_series.which")), h("div", { class: "stack-tight" }, ["one", "following", "all"].map(choice)));
  }

  #which() {
    return { scope: this.scope, position: this.scope === "all" ? null : this.position };
  }

  async #ask() {
    this.asking += 1;
    const mine = this.asking;
    this.quote = null;
    this.button.disabled = true;
    fill(this.problem);
    fill(this.shown, h("div", { class: "skeleton skeleton-card" }));
    try {
      const quote = await seriesRefund(this.found.seriesId, this.#which(), this.signal);
      if (mine === this.asking) this.#show(quote, false);
    } catch (error) {
      if (mine !== this.asking || isAborted(error)) return;
      fill(this.shown);
      showProblem(this.problem, error, error instanceof Problem && error.isPassing ? () => void this.#ask() : undefined);
    }
  }

  /** @param {SeriesRefund} quote @param {boolean} hasChanged */
  #show(quote, hasChanged) {
    this.quote = quote;
    this.button.disabled = false;
    const total = { amount: quote.serviceRefund.amount + quote.tipRefund.amount, currency: quote.serviceRefund.currency };
    fill(
      this.shown,
      hasChanged && notice("warn", t("cancel.changed")),
      h("p", {}, t("cancel_series.count", { count: quote.visits.length })),
      h("p", { class: "refund-total" }, h("span", { class: "soft" }, t("cancel.comes_back")), h("strong", { class: "numbers" }, money(total))),
      h("p", { class: "soft small" }, t("cancel.valid_until", { moment: moment(quote.validUntil, zoneOf(this.found)) })),
    );
  }

  async #cancel() {
    fill(this.problem);
    try {
      await this.intention.carryOut(`customer/series/${this.found.seriesId}/cancel`, { ...this.#which(), refundQuoteId: this.quote?.quoteId }, this.signal);
      this.close();
      await this.onDone();
    } catch (error) {
      if (error instanceof Problem && error.code === "series_quote_changed" && error.details.quote) this.#show(error.details.quote, true);
      else if (!isAborted(error)) showProblem(this.problem, error);
    }
  }
}

/** @param {Series} found @param {number} position */
function dayOf(found, position) {
  const booking = found.instances.find((one) => one.position === position)?.booking;
  return booking ? moment(booking.startsAt, booking.timeZone) : "";
}

/** @param {Series} found */
function zoneOf(found) {
  return found.instances.find(({ booking }) => booking)?.booking?.timeZone ?? "UTC";
}
