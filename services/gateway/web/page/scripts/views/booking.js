/** One booking: how it stands, what it costs, and what can be done now. */

import { booking, paymentOf, refundTotal } from "../bookings.js";
import { pause } from "../api.js";
import { providerSeen } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { money, moment, percent } from "../format.js";
import { named, t } from "../language.js";
import { countdown } from "../parts/countdown.js";
import { icon } from "../parts/icons.js";
import { notice, showProblem } from "../parts/notice.js";
import { skeletonPage } from "../parts/skeletons.js";
import { deadlineOf, statePills } from "../parts/state-pill.js";
import { steps } from "../parts/steps.js";
import { unlessAborted } from "../problem.js";
import { oneAtATime } from "../reading.js";
import { watchBookings } from "../realtime.js";
import { link } from "../router.js";
import { serverClock } from "../server-clock.js";
import { bookingDetails } from "./booking-details.js";
import { cancelButton } from "./cancel.js";
import { contestActions } from "./contest.js";
import { payPanel } from "./pay.js";
import { signedInOnly } from "./signed-in-only.js";

/** The socket tells of refunds that are due, not of those that were sent: looked at a few times. */
const REFUND_LOOKS_MS = [2_000, 4_000, 8_000, 15_000];

/** Visits of a series are held for days. */
const LONGEST_COUNTDOWN_MS = 2 * 3_600_000;

/** The reader knows of what they did themselves. */
const CAUSES_TOLD = new Set(["provider", "platform", "late_payment", "declined", "unanswered", "replaced", "not_replaced", "no_show_overturned"]);

/** What the head of the page and its deeds hang on. @type {(keyof import("../bookings.js").Booking)[]} */
const STATE = ["state", "pendingFor", "startsAt", "moves", "contest", "contestUntil"];

/** @param {import("../router.js").Place} place */
export async function bookingView(place) {
  place.setTitle(t("title.booking"));
  if (signedInOnly(place)) return;
  await new BookingPage(place).begin();
}

class BookingPage {
  /** @param {import("../router.js").Place} place */
  constructor(place) {
    this.place = place;
    this.signal = place.signal;
    /** @type {import("../bookings.js").BookingDetail | null} */
    this.booking = null;
    /** @type {import("../bookings.js").Payment | null} */
    this.payment = null;
    this.head = h("div", { class: "stack" });
    this.timer = h("div", {});
    this.action = h("div", { class: "stack" });
    this.details = h("div", {});
    this.read = oneAtATime(() => this.#read());
  }

  async begin() {
    fill(this.place.outlet, skeletonPage());
    await this.read();
    watchBookings(({ data }) => (!data.bookingId || data.bookingId === this.place.params.id) && void this.read(), this.signal);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.read(), { signal: this.signal });
  }

  async #read() {
    try {
      const found = await booking(this.place.params.id, this.signal);
      if (this.booking && found.version < this.booking.version) return;
      if (found.state !== "pending") this.payment = await paymentOf(found.bookingId, this.signal);
      this.#show(found);
    } catch (error) {
      if (this.booking) {
        // What is shown stays; the next news reads again.
        if (!this.signal.aborted) console.warn(String(error));
        return;
      }
      fill(this.place.outlet, h("div", { role: "alert" }));
      showProblem(/** @type {Element} */ (this.place.outlet.firstElementChild), error, () => void this.begin());
    }
  }

  /** @param {import("../bookings.js").Booking} found */
  #show(found) {
    const before = this.booking;
    this.booking = found;
    if (!before) this.#lay();
    const isNews = before !== null && STATE.some((name) => before[name] !== found[name]);
    if (!before || isNews) this.#showState(found, isNews);
    if (before?.holdExpiresAt !== found.holdExpiresAt) this.#showTimer(found);
    if (before?.version !== found.version) void this.#showDetails(found).catch(unlessAborted);
  }

  #lay() {
    fill(
      this.place.outlet,
      h("p", {}, h("a", { class: "back", href: link("/bookings") }, icon("back"), t("title.bookings"))),
      h("div", { class: "booking-layout" }, h("div", { class: "stack-wide" }, this.head, this.action), this.details),
    );
  }

  /** @param {import("../bookings.js").Booking} found @param {boolean} isNews */
  #showState(found, isNews) {
    const isAsked = found.pendingFor === "provider";
    const isOffer = found.state === "pending" && !isAsked && found.waitlistId;
    const title = h("h1", { tabindex: "-1" }, t(`booking.title.${isAsked ? "waiting" : isOffer ? "offered" : found.state}`));
    fill(
      this.head,
      statePills(found),
      title,
      h("p", { class: "lead" }, named(found.serviceName), h("span", { class: "soft block" }, moment(found.startsAt, found.timeZone))),
      found.seriesId && h("p", {}, h("a", { href: link(`/series/${found.seriesId}`) }, t("series.part"))),
      found.state === "pending" && steps(isAsked ? 2 : 1),
      found.state === "confirmed" && steps(3),
      found.state === "pending" && !isAsked && this.timer,
    );
    fill(this.action, ...this.#actions(found));
    // What the reader was at is gone: the news has the focus, and is in sight.
    if (isNews) title.focus();
  }

  /** @param {import("../bookings.js").Booking} found */
  #showTimer(found) {
    if (found.state !== "pending" || !found.holdExpiresAt) return;
    this.timing?.abort();
    this.timing = new AbortController();
    const signal = AbortSignal.any([this.timing.signal, this.signal]);
    if (serverClock.until(found.holdExpiresAt) > LONGEST_COUNTDOWN_MS) fill(this.timer, h("p", { class: "strong" }, deadlineOf(found)));
    else fill(this.timer, countdown(found.holdExpiresAt, () => void this.#holdEnded(signal), signal));
  }

  /** By our reckoning the hold has ended: the owner says when it has. @param {AbortSignal} signal */
  async #holdEnded(signal) {
    while (!signal.aborted && this.booking?.state === "pending") {
      await this.read();
      await pause(2_000, signal).catch(() => {});
    }
  }

  /** @param {import("../bookings.js").Booking} found */
  #actions(found) {
    const cancel = () => cancelButton(found, this.signal, (cancelled) => this.#show(cancelled));
    if (found.pendingFor === "provider") return [notice("plain", deadlineOf(found), t("booking.waiting_hint")), cancel()];
    if (found.state === "pending") return [replaces(found), payPanel(found, this.signal, () => this.read()), cancel()];
    if (found.state === "confirmed") return [notice("good", t("booking.confirmed_hint")), this.#charge(), this.#receipt(), this.#move(found), cancel()];
    if (found.state === "no_show") return [...contestActions(found, this.signal, () => this.read()), this.#receipt(), this.#anew(found)];
    if (found.state === "cancelled") return [this.#refund(found), this.#receipt(), this.#anew(found)];
    if (found.state === "expired") return [notice("warn", t("booking.expired_hint")), this.#anew(found)];
    return [this.#receipt(), this.#anew(found)];
  }

  /** @param {import("../bookings.js").Booking} found */
  #move(found) {
    return h("p", {}, h("a", { class: "button button-quiet", href: link(`/bookings/${found.bookingId}/move`) }, t("move.begin")));
  }

  #charge() {
    return this.payment && !this.payment.captured ? notice("plain", t("receipt.charged_later")) : null;
  }

  #receipt() {
    if (this.payment?.status !== "succeeded") return null;
    return h("p", {}, h("a", { class: "button button-quiet", href: link(`/receipts/${this.payment.paymentId}`) }, t("receipt.open")));
  }

  /** @param {import("../bookings.js").Booking} found */
  #anew(found) {
    const address = link(`/providers/${found.providerId}`, { service: found.serviceId });
    return h("p", {}, h("a", { class: "button", href: address }, t("booking.anew")));
  }

  /** @param {import("../bookings.js").Booking} found */
  #refund(found) {
    const place = h("div", { "aria-live": "polite" });
    void this.#followRefund(place, found).catch(unlessAborted);
    return place;
  }

  /** @param {Element} place @param {import("../bookings.js").Booking} found */
  async #followRefund(place, found) {
    const due = found.refund ? refundTotal(found.refund) : null;
    const why = CAUSES_TOLD.has(found.cancelCause ?? "") ? t(`cancel_cause.${found.cancelCause}`) : null;
    if (this.payment?.releasedAmount) {
      const values = { amount: money({ ...this.payment, amount: this.payment.releasedAmount }) };
      fill(place, notice("good", why, t("booking.released", values)));
      return;
    }
    if (!this.payment || this.payment.status !== "succeeded" || !due) {
      fill(place, notice("plain", why, t("booking.nothing_charged")));
      return;
    }
    if (due.amount === 0) {
      fill(place, notice("plain", why, t("booking.refund_none")));
      return;
    }
    for (const wait of [...REFUND_LOOKS_MS, 0]) {
      const isSent = this.payment.refundedAmount >= due.amount;
      const values = { amount: money(due), percent: percent(found.refund?.refundPercent ?? 0) };
      fill(place, notice(isSent ? "good" : "plain", why, t(isSent ? "booking.refund_sent" : "booking.refund_due", values)));
      if (isSent || wait === 0) return;
      await pause(wait, this.signal);
      this.payment = (await paymentOf(found.bookingId, this.signal).catch(() => null)) ?? this.payment;
    }
  }

  /** @param {import("../bookings.js").BookingDetail} found */
  async #showDetails(found) {
    const provider = await providerSeen(found.providerId, this.signal);
    fill(this.details, bookingDetails(found, provider));
  }
}

/** What paying does to the visit that it is held in place of. @param {import("../bookings.js").Booking} found */
function replaces({ replacesBookingId }) {
  if (!replacesBookingId) return null;
  return notice("warn", t("booking.replaces"), h("p", {}, h("a", { href: link(`/bookings/${replacesBookingId}`) }, t("two_places.look"))));
}
