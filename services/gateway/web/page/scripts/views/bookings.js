/** The reader's bookings: what is to come first, then what was. */

import { bookings } from "../bookings.js";
import { providerSeen } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { money, moment } from "../format.js";
import { named, t } from "../language.js";
import { workButton } from "../parts/buttons.js";
import { noticePlace, showProblem } from "../parts/notice.js";
import { skeletonCards } from "../parts/skeletons.js";
import { deadlineOf, statePills } from "../parts/state-pill.js";
import { oneAtATime } from "../reading.js";
import { watchBookings } from "../realtime.js";
import { link } from "../router.js";
import { serverClock } from "../server-clock.js";
import { isCustomer } from "../session.js";
import { signedInOnly } from "./signed-in-only.js";
import { Waiting } from "./waiting.js";

const STILL_TO_COME = new Set(["pending", "confirmed", "in_progress"]);

/** @typedef {import("../bookings.js").Booking} Booking */

/** @param {import("../router.js").Place} place */
export async function bookingsView(place) {
  place.setTitle(t("title.bookings"));
  if (signedInOnly(place)) return;
  const waiting = isCustomer() ? new Waiting(place.signal, () => void lists.read()) : null;
  const lists = new Lists(waiting, place.signal);
  fill(place.outlet, h("div", { class: "stack-wide" }, h("h1", {}, t("title.bookings")), waiting?.element, lists.element, lists.end));
  await lists.read();
  watchBookings(() => void lists.read(), place.signal);
}

class Lists {
  /** @param {Waiting | null} waiting @param {AbortSignal} signal */
  constructor(waiting, signal) {
    this.waiting = waiting;
    this.signal = signal;
    this.element = h("div", { class: "stack-wide" }, skeletonCards(3));
    this.problem = noticePlace();
    // One button for all pages: the focus stays on it.
    this.end = h("div", { hidden: true }, workButton(t("bookings.more"), "button button-quiet", () => this.#readMore(), t("state.loading")), this.problem);
    /** Pages that are wanted; read again as one. They come in the order of booking: any of them may hold visits of both lists. */
    this.pages = 1;
    this.pagesShown = 0;
    this.read = oneAtATime(() => this.#read());
  }

  #readMore() {
    this.pages = this.pagesShown + 1;
    return this.read();
  }

  async #read() {
    try {
      const [{ found, pages, next }, isWaiting] = await Promise.all([this.#all(), this.waiting?.read()]);
      fill(this.problem);
      if (found.length === 0) fill(this.element, isWaiting ? null : none());
      else this.#show(found);
      this.end.hidden = !next;
      this.pagesShown = pages;
    } catch (error) {
      this.#tell(error);
    }
  }

  async #all() {
    /** @type {Booking[]} */
    const found = [];
    let next = /** @type {string | null} */ (null);
    let pages = 0;
    do {
      const page = await bookings(next, this.signal);
      found.push(...page.bookings);
      next = page.next;
      pages += 1;
    } while (next && pages < this.pages);
    return { found, pages, next };
  }

  /** What is shown stays when more of it does not come. @param {unknown} error */
  #tell(error) {
    const isMore = this.pagesShown > 0 && this.pages > this.pagesShown;
    if (isMore) {
      this.pages = this.pagesShown;
      showProblem(this.problem, error);
      return;
    }
    fill(this.element, h("div", { role: "alert" }));
    this.end.hidden = true;
    showProblem(/** @type {Element} */ (this.element.firstElementChild), error, () => void this.read());
  }

  /** @param {Booking[]} found */
  #show(found) {
    const isToCome = (/** @type {Booking} */ booking) => STILL_TO_COME.has(booking.state) && serverClock.until(booking.endsAt) > 0;
    const toCome = found.filter(isToCome).sort((one, other) => one.startsAt.localeCompare(other.startsAt));
    const past = found.filter((booking) => !isToCome(booking));
    const items = (/** @type {Booking[]} */ shown) => h("ul", { class: "stack" }, shown.map((booking) => item(booking, this.signal)));
    fill(
      this.element,
      toCome.length > 0 && section("bookings.to_come", items(toCome)),
      past.length > 0 && section("bookings.past", items(past)),
    );
  }
}

/** @param {string} key @param {HTMLElement} list */
function section(key, list) {
  const id = key.replace(".", "-");
  return h("section", { class: "stack", "aria-labelledby": id }, h("h2", { id }, t(key)), list);
}

/** @param {Booking} booking @param {AbortSignal} signal */
function item(booking, signal) {
  const provider = h("span", { class: "soft" });
  const deadline = deadlineOf(booking);
  void providerSeen(booking.providerId, signal).then((found) => fill(provider, named(found?.name)), () => {});
  return h(
    "li",
    { class: "card panel booking-item" },
    h(
      "div",
      { class: "row-apart" },
      h("h3", {}, h("a", { class: "card-link", href: link(`/bookings/${booking.bookingId}`) }, named(booking.serviceName))),
      statePills(booking),
    ),
    provider,
    deadline && h("p", { class: "small strong" }, deadline),
    h("div", { class: "row-apart" }, h("span", {}, moment(booking.startsAt, booking.timeZone)), h("span", { class: "numbers strong" }, money(booking.quote.total))),
    booking.seriesId && h("p", { class: "small" }, h("a", { class: "above", href: link(`/series/${booking.seriesId}`) }, t("series.part"))),
  );
}

function none() {
  return h(
    "div",
    { class: "empty" },
    h("h2", {}, t("bookings.none")),
    h("p", { class: "soft" }, t("bookings.none_hint")),
    h("a", { class: "button", href: link("/") }, t("nav.find")),
  );
}
