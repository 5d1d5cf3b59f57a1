/** The reader's bookings: what is to come first, then what was. */

import { bookings } from "../bookings.js";
import { providerSeen } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { money, moment } from "../format.js";
import { named, t } from "../language.js";
import { workButton } from "../parts/buttons.js";
import { showProblem } from "../parts/notice.js";
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

/** @param {import("../router.js").Place} place */
export async function bookingsView(place) {
  place.setTitle(t("title.bookings"));
  if (signedInOnly(place)) return;
  const lists = h("div", { class: "stack-wide" }, skeletonCards(3));
  const waiting = isCustomer() ? new Waiting(place.signal, () => void read()) : null;
  const read = oneAtATime(() => showAll(lists, waiting, place.signal));
  fill(place.outlet, h("div", { class: "stack-wide" }, h("h1", {}, t("title.bookings")), waiting?.element, lists));
  await read();
  watchBookings(() => void read(), place.signal);
}

/** @param {HTMLElement} lists @param {Waiting | null} waiting @param {AbortSignal} signal */
async function showAll(lists, waiting, signal) {
  try {
    const [page, isWaiting] = await Promise.all([bookings(null, signal), waiting?.read()]);
    if (page.bookings.length === 0) fill(lists, isWaiting ? null : none());
    else showPage(lists, page, signal);
  } catch (error) {
    fill(lists, h("div", { role: "alert" }));
    showProblem(/** @type {Element} */ (lists.firstElementChild), error, () => void showAll(lists, waiting, signal));
  }
}

/** @param {HTMLElement} lists @param {Awaited<ReturnType<typeof bookings>>} page @param {AbortSignal} signal */
function showPage(lists, page, signal) {
  const isToCome = (/** @type {any} */ booking) => STILL_TO_COME.has(booking.state) && serverClock.until(booking.endsAt) > 0;
  const toCome = page.bookings.filter(isToCome).sort((one, other) => one.startsAt.localeCompare(other.startsAt));
  const past = page.bookings.filter((booking) => !isToCome(booking));
  const pastList = h("ul", { class: "stack" }, past.map((booking) => item(booking, signal)));
  const more = h("div", {});
  fill(
    lists,
    toCome.length > 0 && section("bookings.to_come", h("ul", { class: "stack" }, toCome.map((booking) => item(booking, signal)))),
    past.length > 0 && section("bookings.past", pastList),
    more,
  );
  offerMore(more, pastList, page.next, signal);
}

/** Older ones are all past, or were cancelled. @param {Element} more @param {Element} list @param {string | null} next @param {AbortSignal} signal */
function offerMore(more, list, next, signal) {
  if (!next) {
    fill(more);
    return;
  }
  const problem = h("div", { role: "alert" });
  const button = workButton(
    t("bookings.more"),
    "button button-quiet",
    async () => {
      try {
        const page = await bookings(next, signal);
        list.append(...page.bookings.map((booking) => item(booking, signal)));
        offerMore(more, list, page.next, signal);
      } catch (error) {
        showProblem(problem, error);
      }
    },
    t("state.loading"),
  );
  fill(more, button, problem);
}

/** @param {string} key @param {HTMLElement} list */
function section(key, list) {
  const id = key.replace(".", "-");
  return h("section", { class: "stack", "aria-labelledby": id }, h("h2", { id }, t(key)), list);
}

/** @param {import("../bookings.js").Booking} booking @param {AbortSignal} signal */
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
