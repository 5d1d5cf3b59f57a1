/** A series: what became of each visit, what is to be paid and until when, and cancelling one, the following or all. */

import { providerSeen } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { calendarDay, clockTime, money, moment } from "../format.js";
import { has, named, t } from "../language.js";
import { icon } from "../parts/icons.js";
import { notice, showProblem } from "../parts/notice.js";
import { skeletonPage } from "../parts/skeletons.js";
import { deadlineOf, statePills } from "../parts/state-pill.js";
import { oneAtATime } from "../reading.js";
import { watchBookings } from "../realtime.js";
import { link } from "../router.js";
import { series } from "../series.js";
import { serverClock } from "../server-clock.js";
import { cancelSeriesButton } from "./cancel-series.js";
import { PaySeries } from "./pay-series.js";
import { ruleInWords } from "./rule-words.js";
import { signedInOnly } from "./signed-in-only.js";

/** @typedef {import("../series.js").Series} Series @typedef {import("../series.js").Instance} Instance */

const CANCELLABLE = new Set(["pending", "confirmed"]);

/** @param {import("../router.js").Place} place */
export async function seriesView(place) {
  place.setTitle(t("title.series"));
  if (signedInOnly(place)) return;
  fill(place.outlet, skeletonPage());
  const page = new SeriesPage(place);
  await page.read();
  watchBookings(() => void page.read(), place.signal);
}

class SeriesPage {
  /** @param {import("../router.js").Place} place */
  constructor(place) {
    this.place = place;
    this.shown = "";
    this.read = oneAtATime(() => this.#read());
    // Stays where it is when the list is drawn anew: a card that is chosen, a result that is told.
    this.paying = new PaySeries(place.params.id, place.signal, () => this.read());
  }

  async #read() {
    const { params, outlet, signal } = this.place;
    try {
      const found = await series(params.id, signal);
      const provider = await providerSeen(found.providerId, signal);
      const shown = JSON.stringify(found);
      // What did not change is not drawn anew: the focus stays where it is.
      if (shown !== this.shown) this.#show(found, provider);
      this.shown = shown;
    } catch (error) {
      if (this.shown) {
        if (!signal.aborted) console.warn(String(error));
        return;
      }
      fill(outlet, h("div", { role: "alert" }));
      showProblem(/** @type {Element} */ (outlet.firstElementChild), error, () => void this.read());
    }
  }

  /** @param {Series} found @param {import("../catalogue.js").Provider | null} provider */
  #show(found, provider) {
    const unpaid = unpaidOf(found);
    this.paying.show(unpaid);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.keep;
    const service = provider?.services.find(({ serviceId }) => serviceId === found.serviceId);
    const name = found.instances.find(({ booking }) => booking)?.booking?.serviceName ?? service?.name;
    fill(
      this.place.outlet,
      h(
        "div",
        { class: "stack-wide" },
        h("p", {}, h("a", { class: "back", href: link("/bookings") }, icon("back"), t("title.bookings"))),
        h(
          "header",
          { class: "stack-tight" },
          h("h1", { tabindex: "-1" }, t("title.series")),
          h("p", { class: "lead" }, named(name), provider && h("span", { class: "soft block" }, named(provider.name))),
          h("p", {}, ruleInWords(found.rule, found.startTime)),
        ),
        ...standing(found, unpaid),
        h("ol", { class: "instances" }, found.instances.map((one) => this.#item(found, one))),
        this.paying.element,
        this.#cancelAll(found),
      ),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.place.outlet.querySelector(`[data-keep="${focused}"]`))?.focus();
  }

  /** @param {Series} found @param {Instance} one */
  #item(found, one) {
    const { booking } = one;
    const isUnpaid = booking?.state === "pending" && booking.pendingFor !== "provider";
    const isOpen = booking && CANCELLABLE.has(booking.state) && serverClock.until(booking.startsAt) > 0;
    const deadline = booking ? deadlineOf(booking) : "";
    return h(
      "li",
      { class: "instance panel", "data-position": one.position },
      h(
        "div",
        { class: "stack-tight" },
        booking
          ? h("a", { class: "strong", href: link(`/bookings/${booking.bookingId}`) }, moment(booking.startsAt, booking.timeZone))
          : h("span", { class: "strong" }, t("format.moment", { day: calendarDay(one.wantedDate).full, time: clockTime(one.wantedTime) })),
        booking ? statePills(booking) : h("span", { class: "pills" }, h("span", { class: "pill" }, t(`outcome.${one.outcome}`))),
        deadline && h("span", { class: "small" }, deadline),
        one.code && h("span", { class: "small soft" }, has(`problem.${one.code}`) ? t(`problem.${one.code}`) : one.code),
      ),
      h(
        "div",
        { class: "instance-deeds" },
        isUnpaid && h("a", { class: "button", href: link(`/bookings/${booking.bookingId}`) }, t("series.pay", { amount: money(booking.quote.total) })),
        isOpen && cancelSeriesButton(found, one.position, this.place.signal, () => this.read()),
      ),
    );
  }

  /** @param {Series} found */
  #cancelAll(found) {
    const open = found.instances.filter(({ booking }) => booking && CANCELLABLE.has(booking.state) && serverClock.until(booking.startsAt) > 0);
    return open.length > 1 ? cancelSeriesButton(found, null, this.place.signal, () => this.read()) : null;
  }
}

/** Visits that wait to be paid. @param {Series} found */
function unpaidOf(found) {
  return found.instances.flatMap(({ booking }) => (booking?.state === "pending" && booking.pendingFor !== "provider" ? [booking] : []));
}

/** Whether the series is kept, and what keeps it. @param {Series} found @param {import("../bookings.js").Booking[]} unpaid */
function standing(found, unpaid) {
  if (unpaid.length === 0) return [];
  if (found.keptAt) return [notice("plain", t("series.kept", { count: unpaid.length }))];
  const [first] = [...unpaid].sort((one, other) => String(one.holdExpiresAt).localeCompare(String(other.holdExpiresAt)));
  return [notice("warn", t("series.unkept", { count: unpaid.length, moment: moment(String(first.holdExpiresAt), first.timeZone) }))];
}
