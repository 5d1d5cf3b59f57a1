/** A provider's days: what waits for an answer first, then visit by visit; changes come by themselves. */

import { providerSeen } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { calendarDay, time } from "../format.js";
import { named, t } from "../language.js";
import { workButton } from "../parts/buttons.js";
import { field, select } from "../parts/fields.js";
import { noticePlace, showProblem } from "../parts/notice.js";
import { skeletonCards } from "../parts/skeletons.js";
import { deadlineOf, statePills } from "../parts/state-pill.js";
import { oneAtATime } from "../reading.js";
import { watchBookings } from "../realtime.js";
import { go, link } from "../router.js";
import { workplaces } from "../session.js";
import { visitsOf } from "../visits.js";
import { answerButtons } from "./answer.js";
import { signedInOnly } from "./signed-in-only.js";

/** @typedef {import("../bookings.js").Booking} Booking */

/** @param {import("../router.js").Place} place */
export async function dayView(place) {
  place.setTitle(t("title.day"));
  if (signedInOnly(place)) return;
  const places = workplaces();
  if (places.length === 0) {
    fill(place.outlet, h("div", { class: "empty" }, h("h1", {}, t("day.nobody")), h("p", { class: "soft" }, t("day.nobody_hint"))));
    return;
  }
  const wanted = place.query.get("provider");
  const providerId = places.find((one) => one.providerId === wanted)?.providerId ?? places[0].providerId;
  const page = new Days(place, providerId);
  await page.begin(places.map((one) => one.providerId));
}

class Days {
  /** @param {import("../router.js").Place} place @param {string} providerId */
  constructor(place, providerId) {
    this.place = place;
    this.signal = place.signal;
    this.providerId = providerId;
    this.isPast = place.query.get("visits") === "past";
    this.list = h("div", { class: "stack-wide" }, skeletonCards(3));
    this.shown = "";
    /** Pages that are shown; read again as one. */
    this.pages = 1;
    this.read = oneAtATime(() => this.#read());
  }

  /** @param {string[]} providerIds */
  async begin(providerIds) {
    const name = h("p", { class: "lead soft" });
    void providerSeen(this.providerId, this.signal).then((found) => fill(name, named(found?.name)), () => {});
    fill(
      this.place.outlet,
      h(
        "div",
        { class: "stack-wide" },
        h("header", { class: "stack-tight" }, h("h1", {}, t("title.day")), providerIds.length > 1 ? this.#workplace(providerIds) : name),
        this.#which(),
        this.list,
      ),
    );
    await this.read();
    watchBookings(({ data }) => (!data.providerId || data.providerId === this.providerId) && void this.read(), this.signal);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.read(), { signal: this.signal });
  }

  /** @param {string[]} providerIds */
  #workplace(providerIds) {
    const control = select("provider", providerIds.map((id) => [id, "…"]), this.providerId);
    for (const option of control.options) {
      void providerSeen(option.value, this.signal).then((found) => fill(option, named(found?.name) || option.value), () => {});
    }
    control.addEventListener("change", () => go(link("/day", { provider: control.value })));
    return field(t("day.workplace"), control);
  }

  #which() {
    const one = (/** @type {string} */ visits, /** @type {boolean} */ isShown) =>
      h("li", {}, h("a", { href: link("/day", { provider: this.providerId, visits }), "aria-current": isShown ? "true" : null }, t(`day.${visits}`)));
    return h("nav", { class: "switch", "aria-label": t("day.which") }, h("ul", {}, one("coming", !this.isPast), one("past", this.isPast)));
  }

  async #read() {
    try {
      /** @type {Booking[]} */
      const visits = [];
      let cursor = /** @type {string | null} */ (null);
      for (let page = 0; page < this.pages && (page === 0 || cursor); page += 1) {
        const found = await visitsOf({ providerId: this.providerId, visits: this.isPast ? "past" : "coming", cursor }, this.signal);
        visits.push(...found.bookings);
        cursor = found.next;
      }
      const shown = JSON.stringify([visits, cursor]);
      if (shown !== this.shown) this.#show(visits, cursor !== null);
      this.shown = shown;
    } catch (error) {
      if (this.shown) {
        if (!this.signal.aborted) console.warn(String(error));
        return;
      }
      fill(this.list, h("div", { role: "alert" }));
      showProblem(/** @type {Element} */ (this.list.firstElementChild), error, () => void this.read());
    }
  }

  /** @param {Booking[]} visits @param {boolean} hasMore */
  #show(visits, hasMore) {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.closest("[data-visit]")?.getAttribute("data-visit");
    const waiting = visits.filter(({ pendingFor }) => pendingFor === "provider");
    const byDay = Map.groupBy(visits.filter((visit) => !waiting.includes(visit)), ({ localDate }) => localDate);
    fill(
      this.list,
      waiting.length > 0 && section("answers", t("day.answers"), waiting.map((visit) => this.#item(visit, true))),
      ...[...byDay].map(([day, found]) => section(day, calendarDay(day).full, found.map((visit) => this.#item(visit, false)))),
      visits.length === 0 && h("div", { class: "empty" }, h("h2", {}, t("day.none")), h("p", { class: "soft" }, t("day.none_hint"))),
      hasMore && this.#more(),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-visit="${focused}"] a`))?.focus();
  }

  /** @param {Booking} visit @param {boolean} withDay */
  #item(visit, withDay) {
    const { bookingId, startsAt, endsAt, timeZone } = visit;
    const deadline = deadlineOf(visit, true);
    const when = t("format.range", { from: time(startsAt, timeZone), to: time(endsAt, timeZone) });
    return h(
      "li",
      { class: "card panel booking-item", "data-visit": bookingId },
      h("div", { class: "row-apart" }, h("h3", {}, h("a", { class: "card-link", href: link(`/day/${bookingId}`) }, h("bdi", { class: "numbers" }, when))), statePills(visit)),
      h("p", {}, withDay && h("span", { class: "strong block" }, calendarDay(visit.localDate).full), named(visit.serviceName), visit.place === "customer" && h("span", { class: "soft" }, ` · ${t("day.home_visit")}`)),
      deadline && h("p", { class: "small strong" }, deadline),
      withDay && h("div", { class: "above" }, answerButtons(visit, this.signal, () => this.read())),
    );
  }

  #more() {
    const problem = noticePlace();
    const button = workButton(t("day.more"), "button button-quiet", async () => {
      this.pages += 1;
      await this.read();
    }, t("state.loading"));
    return h("div", {}, button, problem);
  }
}

/** @param {string} stem @param {string} title @param {HTMLElement[]} items */
function section(stem, title, items) {
  const id = `day-${stem}`;
  return h("section", { class: "stack", "aria-labelledby": id }, h("h2", { id }, title), h("ul", { class: "stack" }, items));
}
