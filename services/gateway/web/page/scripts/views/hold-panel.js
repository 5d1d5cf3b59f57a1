/** The chosen time: what it is, what it costs, what the carer has to know, and holding it, once or as a series. */

import { WINDOW_DAYS, plusDays } from "../days.js";
import { draftFor, forgetDraft } from "../draft.js";
import { fill, h } from "../elements.js";
import { day, duration, money, moment, ownMoment, readsAnotherClock, time, zoneName } from "../format.js";
import { Intention } from "../intention.js";
import { named, t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { whileBusy } from "../parts/buttons.js";
import { clearErrors, showErrors } from "../parts/fields.js";
import { notice, showProblem } from "../parts/notice.js";
import { Problem } from "../problem.js";
import { go, link } from "../router.js";
import { isCustomer, user } from "../session.js";
import { asksFirstNotice } from "./asks-first.js";
import { careErrors, careFields, careOf } from "./care-fields.js";
import { repeatFields } from "./repeat-fields.js";

/** @typedef {import("../catalogue.js").Slot} Slot */
/** @typedef {{provider: import("../catalogue.js").Provider, service: import("../catalogue.js").Service, slot: Slot | null,
 *   terms: import("../catalogue.js").Terms | undefined, address: string, signal: AbortSignal, onAlternative: (slot: Slot) => void}} Wanted */

/** @param {Wanted} wanted */
export function holdPanel(wanted) {
  const element = h("div", { class: "panel stack" });
  const form = wanted.slot ? new HoldForm(wanted, wanted.slot, (next) => showTaken(next)) : null;

  /** Somebody was faster; these are free. @param {Slot[]} next */
  const showTaken = (next) => {
    if (form?.isHolding) return;
    fill(element, heading(), taken(wanted, next));
    announce(t("hold.taken"));
  };

  if (form) fill(element, heading(), summary(wanted.provider, wanted.service, /** @type {Slot} */ (wanted.slot)), asksFirstNotice(wanted.terms), ...ways(wanted.address, form));
  else fill(element, heading(), h("p", { class: "soft" }, t("hold.choose")));
  return { element, showTaken };
}

class HoldForm {
  /** @param {Wanted} wanted @param {Slot} slot @param {(next: Slot[]) => void} showTaken */
  constructor(wanted, slot, showTaken) {
    this.wanted = wanted;
    this.slot = slot;
    this.showTaken = showTaken;
    this.isHolding = false;
    this.intention = new Intention();
    this.draft = draftFor(wanted.provider.providerId);
    this.problem = h("div", { role: "alert" });
    this.button = h("button", { type: "submit", class: "button button-wide", "data-hold": true }, t("hold.submit"));
    this.hint = h("p", { class: "soft small" }, t("hold.hint"));
    this.repeat = repeatFields(slot.localDate, plusDays(slot.localDate, WINDOW_DAYS), () => this.#showDeed());
    this.element = h(
      "form",
      { class: "stack", novalidate: true },
      ...careFields(this.draft, wanted.terms),
      this.repeat.element,
      this.button,
      this.hint,
      this.problem,
    );
    this.element.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #showDeed() {
    const repeats = this.repeat.repeats();
    fill(this.button, t(repeats ? "repeat.submit" : "hold.submit"));
    fill(this.hint, t(repeats ? "repeat.hint" : "hold.hint"));
  }

  #submit() {
    fill(this.problem);
    clearErrors(this.element);
    const errors = { ...careErrors(this.draft, this.wanted.terms), ...this.repeat.errors() };
    if (Object.keys(errors).length > 0) {
      showErrors(this.element, errors);
      return;
    }
    const rule = this.repeat.rule();
    if (rule) go(link("/series/new", { ...this.#asked(), rule }));
    else void whileBusy(this.button, t("hold.working"), () => this.#hold({}));
  }

  /** What an address may say: nothing of it is personal. */
  #asked() {
    const { provider, service } = this.wanted;
    return { provider: provider.providerId, service: service.serviceId, date: this.slot.localDate, time: this.slot.localTime };
  }

  /** @param {{allowOverlap?: boolean}} more */
  async #hold(more) {
    this.isHolding = true;
    try {
      const { data } = await this.intention.carryOut("customer/bookings", { ...this.#body(), ...more }, this.wanted.signal);
      forgetDraft();
      go(link(`/bookings/${data.bookingId}`));
    } catch (error) {
      this.isHolding = false;
      if (error instanceof Problem && error.code === "slot_taken") this.showTaken(error.details.alternatives ?? []);
      else showProblem(this.problem, error);
      offerBoth(this.problem, error, () => whileBusy(this.button, t("hold.working"), () => this.#hold({ allowOverlap: true })));
    }
  }

  #body() {
    const { provider, service, terms } = this.wanted;
    return {
      providerId: provider.providerId,
      serviceId: service.serviceId,
      bookingDate: this.slot.localDate,
      startTime: this.slot.localTime,
      utcOffset: this.slot.utcOffset,
      ...careOf(this.draft, terms),
    };
  }
}

function heading() {
  return h("h2", {}, t("hold.title"));
}

/** Signing in first, or holding. @param {string} address @param {HoldForm} form */
function ways(address, form) {
  if (!user()) {
    return [
      h("a", { class: "button button-wide", href: link("/sign-in", { next: address }) }, t("hold.sign_in")),
      h("p", { class: "soft small" }, t("hold.sign_in_hint")),
    ];
  }
  if (!isCustomer()) return [notice("warn", t("hold.not_a_customer"))];
  return [form.element];
}

/** @param {import("../catalogue.js").Provider} provider @param {import("../catalogue.js").Service} service @param {Slot} slot */
function summary(provider, service, slot) {
  const zone = provider.timeZone;
  return h(
    "dl",
    { class: "facts" },
    ...fact(t("fact.service"), `${named(service.name)}, ${duration(service.durationMinutes)}`),
    ...fact(t("fact.day"), day(slot.startsAt, zone)),
    ...fact(t("fact.time"), h("bdi", { class: "numbers" }, time(slot.startsAt, zone)), h("span", { class: "soft small block" }, zoneName(zone, slot.startsAt))),
    ...(readsAnotherClock(slot.startsAt, zone) ? fact(t("fact.your_clock"), ownMoment(slot.startsAt)) : []),
    ...fact(t("fact.price"), h("span", { class: "numbers" }, money(service.listPrice))),
  );
}

/** @param {string} name @param {...any} value */
function fact(name, ...value) {
  return [h("dt", {}, name), h("dd", {}, ...value)];
}

/** @param {Wanted} wanted @param {Slot[]} next */
function taken({ provider, onAlternative }, next) {
  return h(
    "div",
    { class: "stack" },
    notice("warn", h("p", { class: "strong" }, t("hold.taken")), h("p", {}, next.length > 0 ? t("hold.alternatives") : t("hold.no_alternatives"))),
    alternatives(next, provider.timeZone, onAlternative),
  );
}

/**
 * When the reader has another visit at that time: which it is, and having both all the same.
 * @param {Element} place @param {unknown} error @param {() => Promise<void>} goOn
 */
export function offerBoth(place, error, goOn) {
  const other = error instanceof Problem && error.code === "customer_in_two_places" ? error.details.bookingId : null;
  if (!other) return;
  const told = place.querySelector(".notice-body") ?? place;
  told.append(
    h("p", {}, h("a", { href: link(`/bookings/${other}`) }, t("two_places.look"))),
    h("p", {}, h("button", { type: "button", class: "button button-quiet", onclick: () => void goOn() }, t("two_places.go_on"))),
  );
}

/** Buttons for other free times; nothing when there are none. @param {Slot[]} next @param {string} zone @param {(slot: Slot) => void} onChoose */
export function alternatives(next, zone, onChoose) {
  if (next.length === 0) return null;
  const button = (/** @type {Slot} */ slot) =>
    h("button", { type: "button", class: "button button-quiet button-wide", onclick: () => onChoose(slot) }, moment(slot.startsAt, zone));
  return h("ul", { class: "stack-tight", "data-alternatives": true }, next.map((slot) => h("li", {}, button(slot))));
}
