/** Choosing a service, a day and a time; what is chosen stands in the address, so that it survives a sign-in. */

import { availability } from "../catalogue.js";
import { dayIn, isDay, plusDays } from "../days.js";
import { fill, h } from "../elements.js";
import { duration, money, zoneName } from "../format.js";
import { named, t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { here, link, note } from "../router.js";
import { serverClock } from "../server-clock.js";
import { dayStrip } from "./day-strip.js";
import { holdPanel } from "./hold-panel.js";
import { times } from "./times.js";

/** As far as any provider lets people book. */
const WINDOW_DAYS = 90;
const DAYS_LOOKED_AT = 10;

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
    this.draft = { notes: "" };
    this.days = dayStrip({ first: this.today, last: this.last, chosen: this.date, onChoose: (day) => this.#chooseDay(day) });
    this.times = h("div", {});
    this.panel = h("aside", { class: "hold-aside", "aria-label": t("hold.title"), tabindex: "-1" });
    this.element = this.#layout();
    this.#showTimes(place.query.get("start"));
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
      h("span", { class: "choice-text" }, h("span", { class: "strong" }, named(service.name)), h("span", { class: "soft small" }, duration(service.durationMinutes))),
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
    const query = { from: this.place.query.get("from"), service: this.service.serviceId, date: this.date, start: slot?.startsAt };
    const address = link(`/providers/${this.provider.providerId}`, query);
    if (here().startsWith(`#/providers/${this.provider.providerId}`)) note(address);
    this.holding = holdPanel({
      provider: this.provider,
      service: this.service,
      slot,
      address,
      draft: this.draft,
      signal: this.place.signal,
      onAlternative: (other) => this.#take(other),
    });
    fill(this.panel, this.holding.element);
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

  /** Look for the next day with a free time, one after the other. @param {AbortSignal} signal @returns {Promise<boolean>} */
  async #goToFreeDay(signal) {
    let day = this.date;
    const wasPressed = this.times.contains(document.activeElement);
    for (let looked = 0; looked < DAYS_LOOKED_AT && day < this.last; looked += 1) {
      day = plusDays(day, 1);
      const { slots } = await availability(this.provider.providerId, this.service.serviceId, day, signal);
      if (slots.length > 0) {
        this.#chooseDay(day);
        if (wasPressed) /** @type {HTMLElement | null} */ (this.days.element.querySelector('[aria-pressed="true"]'))?.focus();
        announce(t("times.moved"));
        return true;
      }
    }
    return false;
  }
}
