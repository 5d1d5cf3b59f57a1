/** The lines in which the reader waits; an offer runs down, and is taken by paying it, or given on. */

import { providerSeen } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { calendarDay, clockTime, moment } from "../format.js";
import { Intention } from "../intention.js";
import { named, t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { workButton } from "../parts/buttons.js";
import { countdown } from "../parts/countdown.js";
import { noticePlace, showProblem } from "../parts/notice.js";
import { isAborted } from "../problem.js";
import { link } from "../router.js";
import { waitingIn } from "../waitlist.js";

/** @typedef {import("../waitlist.js").Entry} Entry */

export class Waiting {
  /** @param {AbortSignal} signal @param {() => void} readAgain */
  constructor(signal, readAgain) {
    this.signal = signal;
    this.readAgain = readAgain;
    this.element = h("div", {});
    /** @type {Set<string> | null} */
    this.offered = null;
    /** @type {AbortController | null} */
    this.timing = null;
    this.shown = "";
  }

  /** Whether there are any, after reading them from their owner. */
  async read() {
    const entries = await waitingIn(this.signal);
    // What is at work in a row that stays as it is, a count-down, a button, goes on.
    const shown = JSON.stringify(entries);
    if (shown !== this.shown) this.#show(entries);
    this.shown = shown;
    return entries.length > 0;
  }

  /** @param {Entry[]} entries */
  #show(entries) {
    this.timing?.abort();
    this.timing = new AbortController();
    const signal = AbortSignal.any([this.timing.signal, this.signal]);
    const offers = entries.filter(({ state }) => state === "offered");
    const isNew = this.offered && offers.some(({ waitlistId }) => !this.offered?.has(waitlistId));
    this.offered = new Set(offers.map(({ waitlistId }) => waitlistId));
    if (isNew) announce(t("waitlist.news"));
    if (entries.length === 0) {
      fill(this.element);
      return;
    }
    const id = "waiting-title";
    const items = [...offers, ...entries.filter(({ state }) => state !== "offered")].map((entry) => this.#item(entry, signal));
    fill(this.element, h("section", { class: "stack", "aria-labelledby": id }, h("h2", { id }, t("waitlist.mine")), h("ul", { class: "stack" }, items)));
  }

  /** @param {Entry} entry @param {AbortSignal} signal */
  #item(entry, signal) {
    const isOffered = entry.state === "offered" && entry.booking !== null;
    const what = h("h3", {}, entry.booking ? named(entry.booking.serviceName) : "…");
    const who = h("span", { class: "soft" });
    void providerSeen(entry.providerId, signal).then((found) => {
      const service = found?.services.find(({ serviceId }) => serviceId === entry.serviceId);
      if (!entry.booking) fill(what, named(service?.name) || t("fact.service"));
      fill(who, named(found?.name));
    }, () => {});
    return h(
      "li",
      { class: isOffered ? "panel stack-tight offer" : "panel stack-tight", "data-waitlist": entry.waitlistId },
      h("div", { class: "row-apart" }, what, h("span", { class: isOffered ? "pill pill-good" : "pill" }, t(`waitlist_state.${entry.state}`))),
      who,
      h("p", {}, isOffered ? moment(/** @type {any} */ (entry.booking).startsAt, /** @type {any} */ (entry.booking).timeZone) : whenOf(entry)),
      ...(isOffered ? this.#offer(entry, signal) : [this.#deed(entry, "leave", "waitlist.leave")]),
    );
  }

  /** @param {Entry} entry @param {AbortSignal} signal */
  #offer(entry, signal) {
    const { holdExpiresAt, bookingId } = /** @type {import("../bookings.js").Booking} */ (entry.booking);
    return [
      holdExpiresAt && countdown(holdExpiresAt, this.readAgain, signal),
      h("div", { class: "row" }, h("a", { class: "button", href: link(`/bookings/${bookingId}`) }, t("waitlist.take"))),
      this.#deed(entry, "decline", "waitlist.decline"),
    ];
  }

  /** @param {Entry} entry @param {"leave" | "decline"} deed @param {string} text */
  #deed(entry, deed, text) {
    const problem = noticePlace();
    const intention = new Intention();
    const button = workButton(
      t(text),
      "button button-quiet",
      async () => {
        fill(problem);
        try {
          await intention.carryOut(`customer/waitlist/${entry.waitlistId}/${deed}`, undefined, this.signal);
          this.readAgain();
        } catch (error) {
          if (!isAborted(error)) showProblem(problem, error);
        }
      },
      t("state.working"),
    );
    return h("div", { class: "stack-tight" }, h("p", {}, button), problem);
  }
}

/** @param {Entry} entry */
function whenOf({ date, fromTime, toTime }) {
  const day = calendarDay(date).full;
  const [from, to] = [fromTime && clockTime(fromTime), toTime && clockTime(toTime)];
  if (from && to) return t("waitlist.between", { day, from, to });
  if (from) return t("waitlist.after", { day, from });
  return to ? t("waitlist.before", { day, to }) : day;
}
