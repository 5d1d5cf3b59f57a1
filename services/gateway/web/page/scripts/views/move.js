/** An agreed visit at another time: a free one is picked, what that means is shown, and exactly that is done. */

import { booking, moveQuote } from "../bookings.js";
import { nextFreeDay, providerSeen } from "../catalogue.js";
import { dayIn, plusDays, WINDOW_DAYS } from "../days.js";
import { fill, h } from "../elements.js";
import { moment, money, percent, zoneName } from "../format.js";
import { Intention } from "../intention.js";
import { named, t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { workButton } from "../parts/buttons.js";
import { icon } from "../parts/icons.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { skeletonPage } from "../parts/skeletons.js";
import { isAborted, Problem } from "../problem.js";
import { go, link } from "../router.js";
import { serverClock } from "../server-clock.js";
import { dayStrip } from "./day-strip.js";
import { alternatives, offerBoth } from "./hold-panel.js";
import { signedInOnly } from "./signed-in-only.js";
import { times } from "./times.js";

/** @typedef {import("../catalogue.js").Slot} Slot @typedef {import("../bookings.js").BookingDetail} Booking */

/** @param {import("../router.js").Place} place */
export async function moveView(place) {
  place.setTitle(t("title.move"));
  if (signedInOnly(place)) return;
  fill(place.outlet, skeletonPage());
  try {
    const found = await booking(place.params.id, place.signal);
    const provider = await providerSeen(found.providerId, place.signal);
    fill(place.outlet, new Mover(found, provider, place.signal).element);
  } catch (error) {
    fill(place.outlet, h("div", { role: "alert" }));
    showProblem(/** @type {Element} */ (place.outlet.firstElementChild), error, () => void moveView(place));
  }
}

class Mover {
  /** @param {Booking} booking @param {import("../catalogue.js").Provider | null} provider @param {AbortSignal} signal */
  constructor(booking, provider, signal) {
    this.booking = booking;
    this.signal = signal;
    this.intention = new Intention();
    /** Whether the shown time is wanted although its customer has another visit then. */
    this.allowOverlap = false;
    /** @type {AbortController | null} */
    this.showing = null;
    /** @type {AbortController | null} */
    this.asking = null;
    const today = dayIn(serverClock.now(), booking.timeZone);
    this.last = plusDays(today, WINDOW_DAYS);
    this.day = booking.localDate < today ? today : booking.localDate;
    this.days = dayStrip({ first: today, last: this.last, chosen: this.day, onChoose: (day) => this.#showDay(day) });
    this.times = h("div", {});
    this.panel = h("aside", { class: "hold-aside", "aria-label": t("move.panel"), tabindex: "-1" });
    this.element = this.#layout(provider);
    this.#showDay(this.day);
  }

  /** @param {import("../catalogue.js").Provider | null} provider */
  #layout(provider) {
    const { bookingId, serviceName, startsAt, timeZone } = this.booking;
    return h(
      "div",
      { class: "stack-wide" },
      h("p", {}, h("a", { class: "back", href: link(`/bookings/${bookingId}`) }, icon("back"), t("receipt.back"))),
      h(
        "header",
        { class: "stack-tight" },
        h("h1", {}, t("title.move")),
        h("p", { class: "lead" }, named(serviceName), provider && h("span", { class: "soft block" }, named(provider.name))),
        h("p", {}, t("move.now", { moment: moment(startsAt, timeZone) })),
      ),
      h(
        "div",
        { class: "picker" },
        h(
          "section",
          { class: "stack", "aria-labelledby": "times-title" },
          h("h2", { id: "times-title" }, t("times.title")),
          h("p", { class: "soft small" }, t("times.zone", { zone: zoneName(timeZone, serverClock.now()) })),
          this.days.element,
          this.times,
        ),
        this.panel,
      ),
    );
  }

  /** @param {string} day @param {string | null} [start] */
  #showDay(day, start = null) {
    this.day = day;
    this.days.choose(day);
    this.showing?.abort();
    this.showing = new AbortController();
    const signal = AbortSignal.any([this.showing.signal, this.signal]);
    this.asking?.abort();
    this.#say(h("p", { class: "soft" }, t("move.choose")));
    const { providerId, serviceId, timeZone } = this.booking;
    const wanted = {
      provider: { providerId, timeZone }, service: { serviceId }, date: day, start, signal, isDayChosen: true,
      onChoose: (/** @type {Slot} */ slot) => void this.#ask(slot),
      onGone: (/** @type {Slot[]} */ next) => this.#showTaken(next),
      findFreeDay: () => this.#goToFreeDay(signal),
    };
    fill(this.times, times(/** @type {any} */ (wanted)));
  }

  /** @param {AbortSignal} signal */
  async #goToFreeDay(signal) {
    const day = await nextFreeDay(this.booking.providerId, this.booking.serviceId, this.day, this.last, signal);
    if (day) this.#showDay(day);
    return day !== null;
  }

  /** What it means, from its owner. @param {Slot} slot @param {boolean} [allowOverlap] */
  async #ask(slot, allowOverlap = false) {
    this.allowOverlap = allowOverlap;
    this.asking?.abort();
    this.asking = new AbortController();
    const signal = AbortSignal.any([this.asking.signal, this.signal]);
    this.#say(h("div", { class: "skeleton skeleton-card" }));
    try {
      this.#showQuote(slot, await moveQuote(this.booking.bookingId, slot, allowOverlap, signal), false);
    } catch (error) {
      if (isAborted(error) || signal.aborted) return;
      const place = noticePlace();
      this.#say(place);
      showProblem(place, error, error instanceof Problem && error.isPassing ? () => void this.#ask(slot, allowOverlap) : undefined);
      offerBoth(place, error, () => this.#ask(slot, true));
    }
  }

  /** @param {Slot} slot @param {import("../bookings.js").MoveQuote} quote @param {boolean} hasChanged */
  #showQuote(slot, quote, hasChanged) {
    const problem = noticePlace();
    const [label, act] = costsMore(quote) ? [t("move.hold_dearer"), () => this.#hold(slot, quote, problem)] : [t("move.agree"), () => this.#move(slot, quote, problem)];
    const agree = workButton(label, "button button-wide", act, t("state.working"));
    this.#say(
      hasChanged && notice("warn", t("move.changed")),
      h("dl", { class: "facts" }, ...this.#rows(slot, quote)),
      ...differenceShown(this.booking, quote),
      notice("plain", t("move.least_notice", { percent: percent(quote.refundPercent) }), quote.movesLeft > 0 ? t("move.left", { count: quote.movesLeft }) : t("move.last")),
      problem,
      agree,
    );
    if (!matchMedia("(min-width: 64rem)").matches) this.panel.scrollIntoView({ block: "nearest" });
  }

  /** @param {Slot} slot @param {import("../bookings.js").MoveQuote} quote */
  #rows(slot, quote) {
    const { startsAt, timeZone } = this.booking;
    return [
      [t("move.from"), h("s", {}, moment(startsAt, timeZone))],
      [t("move.to"), h("strong", {}, moment(slot.startsAt, timeZone))],
      [t("fact.price"), h("span", { class: "numbers" }, money(quote.price))],
    ].flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
  }

  /** @param {Slot} slot @param {import("../bookings.js").MoveQuote} quote @param {Element} problem */
  async #move(slot, quote, problem) {
    fill(problem);
    const body = { bookingDate: slot.localDate, startTime: slot.localTime, utcOffset: slot.utcOffset, quoteId: quote.quoteId, allowOverlap: this.allowOverlap };
    try {
      await this.intention.carryOut(`customer/bookings/${this.booking.bookingId}/reschedule`, body, this.signal);
      announce(t("move.done"));
      go(link(`/bookings/${this.booking.bookingId}`));
    } catch (error) {
      if (error instanceof Problem && error.code === "quote_changed" && error.details.quote) this.#showQuote(slot, error.details.quote, true);
      else this.#showRefusal(slot, problem, error);
    }
  }

  /** A time that costs more is held in place of the visit, which stands until that is paid. @param {Slot} slot @param {import("../bookings.js").MoveQuote} quote @param {Element} problem */
  async #hold(slot, quote, problem) {
    fill(problem);
    const { bookingId, providerId, serviceId, place, notes, recipient, address } = this.booking;
    const body = {
      providerId, serviceId, bookingDate: slot.localDate, startTime: slot.localTime, utcOffset: slot.utcOffset,
      place, notes, recipient: recipient ?? null, address: address ?? null, replacesBookingId: bookingId,
      allowOverlap: this.allowOverlap,
    };
    try {
      const { data } = await this.intention.carryOut("customer/bookings", body, this.signal);
      go(link(`/bookings/${data.bookingId}`));
    } catch (error) {
      this.#showRefusal(slot, problem, error, overlap(this.booking, quote) ? "move.in_the_way" : "hold.taken");
    }
  }

  /** @param {Slot} slot @param {Element} problem @param {unknown} error @param {string} whyTaken the text of it */
  #showRefusal(slot, problem, error, whyTaken = "hold.taken") {
    if (error instanceof Problem && error.code === "slot_taken") {
      this.#showTaken(error.details.alternatives ?? [], whyTaken);
      return;
    }
    showProblem(problem, error);
    offerBoth(problem, error, () => this.#ask(slot, true));
  }

  /** @param {Slot[]} next @param {string} why the text of it */
  #showTaken(next, why = "hold.taken") {
    this.asking?.abort();
    announce(t(why));
    const choose = (/** @type {Slot} */ slot) => {
      this.panel.focus();
      this.#showDay(slot.localDate, slot.startsAt);
    };
    this.#say(notice("warn", t(why), next.length > 0 ? t("hold.alternatives") : t("hold.no_alternatives")), alternatives(next, this.booking.timeZone, choose));
  }

  /** @param {...any} content */
  #say(...content) {
    fill(this.panel, h("div", { class: "panel stack", "aria-live": "polite" }, h("h2", {}, t("move.panel")), ...content));
  }
}

/** @param {import("../bookings.js").MoveQuote} quote */
function costsMore({ priceDifference }) {
  return (priceDifference?.amount ?? 0) > 0;
}

/** Whether both are at one time, at least in part: a dearer time is held beside the visit. @param {Booking} booking @param {import("../bookings.js").MoveQuote} quote */
function overlap(booking, quote) {
  return Date.parse(quote.startsAt) < Date.parse(booking.endsAt) && Date.parse(booking.startsAt) < Date.parse(quote.endsAt);
}

/** What the other price means: nothing, money back, or more to pay. @param {Booking} booking @param {import("../bookings.js").MoveQuote} quote */
function differenceShown({ quote: agreed }, quote) {
  const { price, serviceRefund, priceDifference } = quote;
  if (priceDifference && costsMore(quote)) {
    const amounts = { more: money(priceDifference), price: money(price), agreed: money(agreed.total) };
    return [notice("warn", t("move.more", amounts))];
  }
  if (serviceRefund.amount > 0) return [notice("good", t("move.back", { amount: money(serviceRefund) }))];
  return price.amount === agreed.total.amount ? [h("p", { class: "soft small" }, t("move.same_price"))] : [];
}
