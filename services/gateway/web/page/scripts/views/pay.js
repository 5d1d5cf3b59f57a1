/** Paying a held booking: a card, a tip, the bank's question where it asks one. */

import { command, pause } from "../api.js";
import { fill, h } from "../elements.js";
import { chargeableDigits, money } from "../format.js";
import { Intention, newKey } from "../intention.js";
import { t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { whileBusy } from "../parts/buttons.js";
import { field } from "../parts/fields.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { isTest, paymentMode } from "../payment-mode.js";
import { isAborted, Problem } from "../problem.js";
import { askBank } from "./bank.js";
import { TEST_CARDS } from "./test-cards.js";

/** @typedef {import("../bookings.js").Booking} Booking @typedef {import("../bookings.js").Payment} Payment */

const TIP_PERCENTS = [0, 5, 10, 15];
const LOOK_AGAIN_MS = 2_500;
const LOOKS = 24;

/**
 * @param {Booking} booking
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} readAgain
 */
export function payPanel(booking, signal, readAgain) {
  const place = h("section", { class: "panel stack", "aria-labelledby": "pay-title" }, h("h2", { id: "pay-title" }, t("pay.title")));
  void paymentMode().then((mode) => {
    if (isTest(mode)) new PayForm(booking, signal, readAgain, place).show();
    else place.append(notice("warn", t(mode === "live" ? "pay.live" : mode === "off" ? "problem.payments_not_configured" : "pay.unknown")));
  });
  return place;
}

class PayForm {
  /** @param {Booking} booking @param {AbortSignal} signal @param {() => Promise<void>} readAgain @param {Element} place */
  constructor(booking, signal, readAgain, place) {
    this.booking = booking;
    this.signal = signal;
    this.readAgain = readAgain;
    this.place = place;
    this.intention = new Intention();
    this.tip = 0;
    this.problem = noticePlace();
    this.progress = h("div", { role: "status" });
    this.button = h("button", { type: "submit", class: "button button-wide" });
  }

  show() {
    const form = h(
      "form",
      { class: "stack-wide" },
      this.#cards(),
      this.#tips(),
      h("div", { class: "stack" }, this.problem, this.progress, this.button, h("p", { class: "soft small" }, t("pay.test_hint"))),
    );
    this.#showTotal();
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const card = String(new FormData(form).get("card"));
      void whileBusy(this.button, t("pay.working"), () => this.#pay(card)).then(() => this.#showTotal());
    });
    this.place.append(form);
  }

  #cards() {
    return h(
      "fieldset",
      { class: "stack" },
      h("legend", { class: "legend" }, t("pay.cards"), " ", h("span", { class: "pill pill-warn" }, t("pay.test"))),
      h(
        "div",
        { class: "stack-tight" },
        TEST_CARDS.map(({ id, brand, ending, behaviour }, number) =>
          h(
            "label",
            { class: "choice" },
            h("input", { type: "radio", name: "card", value: id, checked: number === 0 }),
            h(
              "span",
              { class: "choice-text" },
              h("span", { class: "strong" }, t("pay.card", { brand, ending })),
              h("span", { class: "soft small" }, t(`card.${behaviour}`)),
            ),
          ),
        ),
      ),
    );
  }

  #tips() {
    const { amount, currency } = this.booking.quote.total;
    const digits = chargeableDigits(currency);
    const options = TIP_PERCENTS.map((share) => Number(((amount * share) / 100).toFixed(digits)));
    const control = h(
      "select",
      {
        name: "tip",
        onchange: () => {
          this.tip = Number(control.value);
          this.#showTotal();
        },
      },
      options.map((tip) => h("option", { value: String(tip) }, tip === 0 ? t("pay.no_tip") : money({ amount: tip, currency }))),
    );
    return field(t("pay.tip"), control, t("pay.tip_hint"));
  }

  #showTotal() {
    const { amount, currency } = this.booking.quote.total;
    fill(this.button, t("pay.submit", { amount: money({ amount: amount + this.tip, currency }) }));
  }

  /** @param {string} card */
  async #pay(card) {
    fill(this.problem);
    fill(this.progress);
    const body = { bookingId: this.booking.bookingId, paymentMethodId: card, ...(this.tip > 0 ? { tipAmount: this.tip } : {}) };
    try {
      const { data } = await this.intention.carryOut("customer/payments/process", body, this.signal);
      await this.#follow(data);
    } catch (error) {
      await this.#failed(error);
    }
  }

  /** From what a payment is to what it becomes. @param {Payment} payment */
  async #follow(payment) {
    let current = payment;
    for (let looked = 0; looked < LOOKS; looked += 1) {
      if (current.status === "succeeded") {
        await this.#paid();
        return;
      }
      if (current.status === "requires_action") {
        if (!(await askBank(current, this.signal))) {
          fill(this.problem, notice("warn", t("bank.left")));
          return;
        }
      } else {
        fill(this.progress, notice("plain", t("pay.processing")));
        await pause(LOOK_AGAIN_MS, this.signal);
      }
      const path = `customer/payments/${current.paymentIntentId}/confirm`;
      current = (await command(path, undefined, { key: newKey(), signal: this.signal })).data;
    }
    fill(this.progress, notice("plain", t("pay.still_processing")));
  }

  /** The money is there; the booking follows by itself, and the socket tells of it. */
  async #paid() {
    fill(this.progress, notice("good", t("pay.paid")));
    announce(t("pay.paid"));
    for (let looked = 0; looked < LOOKS && !this.signal.aborted && this.place.isConnected; looked += 1) {
      await this.readAgain();
      await pause(LOOK_AGAIN_MS / 2, this.signal);
    }
  }

  /** @param {unknown} error */
  async #failed(error) {
    if (isAborted(error)) return;
    fill(this.progress);
    showProblem(this.problem, error);
    const isDeclined = error instanceof Problem && error.code === "card_declined";
    if (isDeclined) this.problem.querySelector(".notice-body")?.append(h("p", {}, t("pay.hold_goes_on")));
    // The hold may have ended, or somebody paid in another window.
    await this.readAgain();
  }
}
