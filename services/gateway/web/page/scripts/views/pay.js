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
import { paymentMethods } from "../payment-methods.js";
import { isTest, paymentMode } from "../payment-mode.js";
import { isAborted, Problem } from "../problem.js";
import { askBank } from "./bank.js";
import { TEST_CARDS } from "./test-cards.js";

/** @typedef {import("../bookings.js").Booking} Booking @typedef {import("../bookings.js").Payment} Payment */
/** @typedef {import("../payment-mode.js").Mode} Mode */
/** What is chosen: a card by its name, or a method without one. @typedef {{value: string, name: string, says: string}} Choice */

const MADA = "mada";
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
  void show(booking, signal, readAgain, place);
  return place;
}

/** @param {Booking} booking @param {AbortSignal} signal @param {() => Promise<void>} readAgain @param {Element} place */
async function show(booking, signal, readAgain, place) {
  try {
    const [mode, methods] = await Promise.all([paymentMode(), paymentMethods(booking, signal)]);
    const names = methods.map(({ method }) => method);
    const choices = choicesOf(mode, names);
    if (choices.length > 0) new PayForm(booking, signal, readAgain, place, choices, isTest(mode)).show();
    else place.append(notice("warn", t(whyNone(mode, names))));
  } catch (error) {
    if (!isAborted(error)) place.append(notice("warn", t("pay.unknown")));
  }
}

/** Real cards need Stripe's own form, which this page has not. @param {Mode} mode @param {string[]} names @returns {Choice[]} */
function choicesOf(mode, names) {
  const cards = names.includes("card") && isTest(mode) ? TEST_CARDS : [];
  return [
    ...cards.map(({ id, brand, ending, behaviour }) => ({ value: id, name: t("pay.card", { brand, ending }), says: t(`card.${behaviour}`) })),
    ...(names.includes(MADA) ? [{ value: MADA, name: t("pay.mada"), says: t("pay.mada_hint") }] : []),
  ];
}

/** @param {Mode} mode @param {string[]} names */
function whyNone(mode, names) {
  if (mode === "off") return "problem.payments_not_configured";
  if (mode === "unknown") return "pay.unknown";
  return names.length > 0 ? "pay.live" : "problem.provider_not_payable";
}

class PayForm {
  /**
   * @param {Booking} booking
   * @param {AbortSignal} signal
   * @param {() => Promise<void>} readAgain
   * @param {Element} place
   * @param {Choice[]} choices
   * @param {boolean} isSimulated
   */
  constructor(booking, signal, readAgain, place, choices, isSimulated) {
    this.choices = choices;
    this.isSimulated = isSimulated;
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
      h("div", { class: "stack" }, this.problem, this.progress, this.button, this.isSimulated ? h("p", { class: "soft small" }, t("pay.test_hint")) : null),
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
      h("legend", { class: "legend" }, t("pay.cards"), " ", this.isSimulated ? h("span", { class: "pill pill-warn" }, t("pay.test")) : null),
      h(
        "div",
        { class: "stack-tight" },
        this.choices.map(({ value, name, says }, number) =>
          h(
            "label",
            { class: "choice" },
            h("input", { type: "radio", name: "card", value, checked: number === 0 }),
            h(
              "span",
              { class: "choice-text" },
              h("span", { class: "strong" }, name),
              h("span", { class: "soft small" }, says),
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
    const chosen = card === MADA ? { method: MADA } : { paymentMethodId: card };
    const body = { bookingId: this.booking.bookingId, ...chosen, ...(this.tip > 0 ? { tipAmount: this.tip } : {}) };
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
