/** Paying all visits of a series together: one card, a payment for each, and what became of each is told. */

import { command } from "../api.js";
import { askedByBank } from "../bookings.js";
import { fill, h } from "../elements.js";
import { money } from "../format.js";
import { newKey } from "../intention.js";
import { t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { whileBusy } from "../parts/buttons.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { isTest, paymentMode } from "../payment-mode.js";
import { paymentMethods } from "../payment-methods.js";
import { isAborted, Problem, wordsFor } from "../problem.js";
import { TEST_CARDS } from "./test-cards.js";

/** @typedef {import("../bookings.js").Booking} Booking */
/** @typedef {{position: number, payment: import("../bookings.js").Payment | null, code: string | null, message: string | null, bookingId: string}} Paid */

const NOT_TRIED = "not_tried";

export class PaySeries {
  /** @param {string} seriesId @param {AbortSignal} signal @param {() => Promise<void>} readAgain */
  constructor(seriesId, signal, readAgain) {
    this.seriesId = seriesId;
    this.signal = signal;
    this.readAgain = readAgain;
    this.key = "";
    this.card = "";
    /** @type {Set<string>} */
    this.asked = new Set();
    this.problem = noticePlace();
    this.said = h("div", { role: "status", class: "stack" });
    this.button = h("button", { type: "submit", class: "button button-wide", "data-keep": "pay-all" });
    this.form = h("form", { class: "panel stack", hidden: true, "aria-labelledby": "pay-all-title" });
    this.element = h("div", { class: "stack" }, this.form, this.problem, this.said);
    this.isOffered = false;
    this.form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const card = String(new FormData(this.form).get("card"));
      void whileBusy(this.button, t("pay.working"), () => this.#pay(card)).then(() => this.#showSum());
    });
    /** @type {Booking[]} */
    this.all = [];
  }

  /** What the reader's bank asks about is paid by itself: another payment would take that question back. */
  get unpaid() {
    return this.all.filter(({ bookingId }) => !this.asked.has(bookingId));
  }

  /** What is to be paid now. With one visit or none there is nothing to be paid together. @param {Booking[]} unpaid */
  show(unpaid) {
    this.all = unpaid;
    this.#showSum();
    if (unpaid.length > 1 && !this.isOffered) void this.#offer(unpaid[0]);
  }

  #showSum() {
    this.form.hidden = this.unpaid.length < 2 || !this.isOffered;
    const { currency } = this.unpaid[0]?.quote.total ?? { currency: "USD" };
    const amount = this.unpaid.reduce((sum, { quote }) => sum + quote.total.amount, 0);
    fill(this.button, t("pay_series.submit", { count: this.unpaid.length, amount: money({ amount, currency }) }));
  }

  /** Only cards that are simulated: a real one would have to be entered with Stripe's own form. @param {Booking} booking */
  async #offer(booking) {
    try {
      const [mode, methods, asked] = await Promise.all([paymentMode(), paymentMethods(booking, this.signal), askedByBank(this.signal)]);
      if (!isTest(mode) || !methods.some(({ method }) => method === "card") || this.isOffered) return;
      this.isOffered = true;
      this.asked = asked;
      fill(
        this.form,
        h("h2", { id: "pay-all-title" }, t("pay_series.title")),
        h("p", { class: "small soft" }, t("pay_series.hint")),
        h("fieldset", {}, h("legend", { class: "legend" }, t("pay.cards"), " ", h("span", { class: "pill pill-warn" }, t("pay.test"))), h("div", { class: "stack-tight" }, TEST_CARDS.map(choice))),
        this.button,
      );
      this.#showSum();
    } catch (error) {
      // Each visit has a way to be paid of its own.
      if (!isAborted(error)) console.warn(String(error));
    }
  }

  /** @param {string} card */
  async #pay(card) {
    fill(this.problem);
    fill(this.said);
    try {
      const { data } = await command(`customer/series/${this.seriesId}/pay`, this.#body(card), { key: this.key, signal: this.signal });
      if (isSettled(data.visits)) this.key = "";
      this.#tell(data.visits);
    } catch (error) {
      if (error instanceof Problem && error.isSettled) this.key = "";
      if (!isAborted(error)) showProblem(this.problem, error);
    }
    await this.readAgain();
  }

  /** One key until all of it is settled; under it each visit has its own, so that what is left may be fewer. @param {string} card */
  #body(card) {
    if (!this.key || this.card !== card) this.key = newKey();
    this.card = card;
    return { visits: this.unpaid.map(({ bookingId }) => ({ bookingId, paymentMethodId: card })) };
  }

  /** @param {Paid[]} visits */
  #tell(visits) {
    const paid = visits.filter(({ payment }) => payment?.status === "succeeded").length;
    const asks = visits.filter(({ payment }) => payment?.status === "requires_action");
    for (const { bookingId } of asks) this.asked.add(bookingId);
    const left = visits.filter(({ code }) => code === NOT_TRIED).length;
    fill(
      this.said,
      paid > 0 && notice("good", t("pay_series.paid", { count: paid })),
      asks.length > 0 && notice("warn", t("pay_series.asks", { count: asks.length })),
      ...refusals(visits).map((refusal) => notice("bad", wordsFor(refusal))),
      left > 0 && notice("warn", t("pay_series.not_tried", { count: left })),
    );
    if (paid > 0) announce(t("pay_series.paid", { count: paid }));
  }
}

/** What was refused, each reason once. @param {Paid[]} visits @returns {Problem[]} */
function refusals(visits) {
  const problems = visits.flatMap(({ code, message }) => (code && code !== NOT_TRIED ? [new Problem({ code, message: message ?? "" })] : []));
  return [...new Map(problems.map((problem) => [problem.code, problem])).values()];
}

/** Whether a repeat under the same key would bring nothing new: a card that was declined stays declined under it. @param {Paid[]} visits */
function isSettled(visits) {
  const reasons = refusals(visits);
  if (reasons.some(({ code }) => code === "card_declined")) return true;
  return !reasons.some(({ isPassing }) => isPassing) && !visits.some(({ code, payment }) => code === NOT_TRIED || payment?.status === "processing");
}

/** @param {typeof TEST_CARDS[number]} card @param {number} number */
function choice({ id, brand, ending, behaviour }, number) {
  return h(
    "label",
    { class: "choice" },
    h("input", { type: "radio", name: "card", value: id, checked: number === 0, "data-keep": `card-${id}` }),
    h("span", { class: "choice-text" }, h("span", { class: "strong" }, t("pay.card", { brand, ending })), h("span", { class: "soft small" }, t(`card.${behaviour}`))),
  );
}
