/** Paying all visits of a series together: one card, a payment for each, and what became of each is told. */

import { fill, h } from "../elements.js";
import { money } from "../format.js";
import { Intention } from "../intention.js";
import { t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { whileBusy } from "../parts/buttons.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { isTest, paymentMode } from "../payment-mode.js";
import { paymentMethods } from "../payment-methods.js";
import { isAborted } from "../problem.js";
import { TEST_CARDS } from "./test-cards.js";

/** @typedef {import("../bookings.js").Booking} Booking */
/** @typedef {{position: number, payment: import("../bookings.js").Payment | null, code: string | null, message: string | null}} Paid */

export class PaySeries {
  /** @param {string} seriesId @param {AbortSignal} signal @param {() => Promise<void>} readAgain */
  constructor(seriesId, signal, readAgain) {
    this.seriesId = seriesId;
    this.signal = signal;
    this.readAgain = readAgain;
    this.intention = new Intention();
    this.problem = noticePlace();
    this.said = h("div", { role: "status" });
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
    this.unpaid = [];
  }

  /** What is to be paid now. With one visit or none there is nothing to be paid together. @param {Booking[]} unpaid */
  show(unpaid) {
    this.unpaid = unpaid;
    this.form.hidden = unpaid.length < 2 || !this.isOffered;
    this.#showSum();
    if (unpaid.length > 1 && !this.isOffered) void this.#offer(unpaid[0]);
  }

  #showSum() {
    const { currency } = this.unpaid[0]?.quote.total ?? { currency: "USD" };
    const amount = this.unpaid.reduce((sum, { quote }) => sum + quote.total.amount, 0);
    fill(this.button, t("pay_series.submit", { count: this.unpaid.length, amount: money({ amount, currency }) }));
  }

  /** Only cards that are simulated: a real one would have to be entered with Stripe's own form. @param {Booking} booking */
  async #offer(booking) {
    try {
      const [mode, methods] = await Promise.all([paymentMode(), paymentMethods(booking, this.signal)]);
      if (!isTest(mode) || !methods.some(({ method }) => method === "card") || this.isOffered) return;
      this.isOffered = true;
      fill(
        this.form,
        h("h2", { id: "pay-all-title" }, t("pay_series.title")),
        h("p", { class: "small soft" }, t("pay_series.hint")),
        h("fieldset", {}, h("legend", { class: "legend" }, t("pay.cards"), " ", h("span", { class: "pill pill-warn" }, t("pay.test"))), h("div", { class: "stack-tight" }, TEST_CARDS.map(choice))),
        this.button,
      );
      this.form.hidden = this.unpaid.length < 2;
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
      const { data } = await this.intention.carryOut(`customer/series/${this.seriesId}/pay`, { paymentMethodId: card }, this.signal);
      this.#tell(data.visits);
    } catch (error) {
      if (!isAborted(error)) showProblem(this.problem, error);
    }
    await this.readAgain();
  }

  /** @param {Paid[]} visits */
  #tell(visits) {
    const paid = visits.filter(({ payment }) => payment?.status === "succeeded").length;
    const asks = visits.filter(({ payment }) => payment?.status === "requires_action").length;
    const refused = visits.find(({ code, message }) => code !== null && code !== "not_tried" && message)?.message;
    fill(
      this.said,
      paid > 0 && notice("good", t("pay_series.paid", { count: paid })),
      asks > 0 && notice("warn", t("pay_series.asks", { count: asks })),
      refused && notice("bad", refused),
    );
    if (paid > 0) announce(t("pay_series.paid", { count: paid }));
  }
}

/** @param {typeof TEST_CARDS[number]} card @param {number} number */
function choice({ id, brand, ending, behaviour }, number) {
  return h(
    "label",
    { class: "choice" },
    h("input", { type: "radio", name: "card", value: id, checked: number === 0 }),
    h("span", { class: "choice-text" }, h("span", { class: "strong" }, t("pay.card", { brand, ending })), h("span", { class: "soft small" }, t(`card.${behaviour}`))),
  );
}
