/** Choosing a service, a day and a time; what is chosen stands in the address, so that it survives a sign-in. */

import { nextFreeDay, termsOf } from "../catalogue.js";
import { dayIn, isDay, plusDays, WINDOW_DAYS } from "../days.js";
import { fill, h } from "../elements.js";
import { duration, money, zoneName } from "../format.js";
import { named, t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { unlessAborted } from "../problem.js";
import { here, link, note } from "../router.js";
import { serverClock } from "../server-clock.js";
import { asksFirstPill } from "./asks-first.js";
import { dayStrip } from "./day-strip.js";
import { holdPanel } from "./hold-panel.js";
import { waitlistOffer } from "./join-waitlist.js";
import { times } from "./times.js";


/**
 * @param {import("../catalogue.js").Provider} provider
 * @param {import("../router.js").Place} place
 */
export function picker(provider, place) {
  return new Picker(provider, place).element;
}

class Picker {
  /** @param {import("../catalogue.js").Provider} provider @param {import("../router.js").Place} place */
  constructor(provider, place) {
    /** @type {Map<string, import("../catalogue.js").Terms>} */
    this.terms = new Map();
    this.marks = new Map(provider.services.map(({ serviceId }) => [serviceId, h("span", {})]));
    this.provider = provider;
    this.place = place;
    this.today = dayIn(serverClock.now(), provider.timeZone);
    this.last = plusDays(this.today, WINDOW_DAYS);
    this.service = provider.services.find((one) => one.serviceId === place.query.get("service")) ?? provider.services[0];
    const wanted = place.query.get("date");
    this.isDayChosen = isDay(wanted) && wanted >= this.today && wanted <= this.last;
    this.date = this.isDayChosen ? /** @type {string} */ (wanted) : plusDays(this.today, 1);
    /** @type {import("../catalogue.js").Slot | null} */
    this.slot = null;
    /** @type {AbortController | null} */
    this.showing = null;
    this.days = dayStrip({ first: this.today, last: this.last, chosen: this.date, onChoose: (day) => this.#chooseDay(day) });
    this.times = h("div", {});
    this.waiting = h("div", {});
    this.panel = h("aside", { class: "hold-aside", "aria-label": t("hold.title"), tabindex: "-1" });
    this.element = this.#layout();
    this.#showTimes(place.query.get("start"));
    void this.#learnTerms().catch(unlessAborted);
  }

  /** The profile does not wait for it: booking says it, and may be slow when search is not. */
  async #learnTerms() {
    this.terms = await termsOf([...this.marks.keys()], this.place.signal);
    for (const [serviceId, mark] of this.marks) fill(mark, asksFirstPill(this.terms.get(serviceId)));
    const chosen = this.terms.get(this.service.serviceId);
    // What is shown fits a visit at the provider's that is agreed at once: it stays, and with it the focus.
    if (chosen && (chosen.answerHours || chosen.places.join() !== "provider")) this.#showChosen();
  }

  #layout() {
    return h(
      "div",
      { class: "picker" },
      h(
        "div",
        { class: "stack-wide" },
        this.#services(),
        h(
          "section",
          { class: "stack", "aria-labelledby": "times-title" },
          h("h2", { id: "times-title" }, t("times.title")),
          h("p", { class: "soft small" }, t("times.zone", { zone: zoneName(this.provider.timeZone, serverClock.now()) })),
          this.days.element,
          this.times,
          this.waiting,
        ),
      ),
      this.panel,
    );
  }

  #services() {
    return h(
      "fieldset",
      { class: "stack" },
      h("legend", {}, h("h2", {}, t("provider.services"))),
      h("div", { class: "stack-tight" }, this.provider.services.map((service) => this.#serviceChoice(service))),
    );
  }

  /** @param {import("../catalogue.js").Service} service */
  #serviceChoice(service) {
    const choose = () => {
      this.service = service;
      this.#showTimes(null);
    };
    return h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "service", value: service.serviceId, checked: service === this.service, onchange: choose }),
      h(
        "span",
        { class: "choice-text" },
        h("span", { class: "strong" }, named(service.name)),
        h("span", { class: "soft small" }, duration(service.durationMinutes), " ", /** @type {HTMLElement} */ (this.marks.get(service.serviceId))),
      ),
      h("span", { class: "strong numbers" }, money(service.listPrice)),
    );
  }

  /** @param {string} day @param {string | null} [start] */
  #chooseDay(day, start = null) {
    this.isDayChosen = true;
    this.date = day;
    this.days.choose(day);
    this.#showTimes(start);
  }

  /** Show the free times of the chosen day. @param {string | null} start the instant to choose when it is free */
  #showTimes(start) {
    this.showing?.abort();
    const showing = new AbortController();
    this.showing = showing;
    const signal = AbortSignal.any([showing.signal, this.place.signal]);
    this.#chooseSlot(null);
    fill(
      this.times,
      times({
        provider: this.provider,
        service: this.service,
        date: this.date,
        start,
        signal,
        onChoose: (slot) => {
          this.#chooseSlot(slot);
          this.#bringIntoSight();
        },
        onGone: (next) => this.#lost(next),
        findFreeDay: () => this.#goToFreeDay(signal),
        isDayChosen: this.isDayChosen,
      }),
    );
  }

  /** @param {import("../catalogue.js").Slot | null} slot */
  #chooseSlot(slot) {
    this.slot = slot;
    this.#showChosen();
  }

  #showChosen() {
    const slot = this.slot;
    const query = { from: this.place.query.get("from"), service: this.service.serviceId, date: this.date, start: slot?.startsAt };
    const address = link(`/providers/${this.provider.providerId}`, query);
    if (here().startsWith(`#/providers/${this.provider.providerId}`)) note(address);
    const onAlternative = (/** @type {import("../catalogue.js").Slot} */ other) => this.#take(other);
    this.holding = holdPanel({ ...this.#chosen(), slot, address, signal: this.place.signal, onAlternative });
    fill(this.panel, this.holding.element);
    fill(this.waiting, waitlistOffer({ ...this.#chosen(), date: this.date, address, signal: this.place.signal }));
  }

  #chosen() {
    return { provider: this.provider, service: this.service, terms: this.terms.get(this.service.serviceId) };
  }

  /** The chosen time was taken by somebody else. @param {import("../catalogue.js").Slot[]} next */
  #lost(next) {
    this.holding?.showTaken(next);
  }

  /** The button that was pressed goes with its panel: what comes in its place has the focus. @param {import("../catalogue.js").Slot} other */
  #take(other) {
    this.panel.focus();
    this.#chooseDay(other.localDate, other.startsAt);
  }

  /** On a phone what was chosen lies below the times. */
  #bringIntoSight() {
    if (!matchMedia("(min-width: 64rem)").matches) this.panel.scrollIntoView({ block: "nearest" });
  }

  /** Go to the next day with a free time. @param {AbortSignal} signal @returns {Promise<boolean>} */
  async #goToFreeDay(signal) {
    const wasPressed = this.times.contains(document.activeElement);
    const day = await nextFreeDay(this.provider.providerId, this.service.serviceId, this.date, this.last, signal);
    if (!day) return false;
    this.#chooseDay(day);
    if (wasPressed) /** @type {HTMLElement | null} */ (this.days.element.querySelector('[aria-pressed="true"]'))?.focus();
    announce(t("times.moved"));
    return true;
  }
}
