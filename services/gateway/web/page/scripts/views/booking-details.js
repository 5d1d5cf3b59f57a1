/** What was agreed: who, what, when, for how much, and what cancelling gives back. */

import { h } from "../elements.js";
import { day, money, ownMoment, percent, readsAnotherClock, time, zoneName } from "../format.js";
import { named, t } from "../language.js";
import { link } from "../router.js";
import { careRows } from "./care-facts.js";

/**
 * @param {import("../bookings.js").BookingDetail} booking
 * @param {import("../catalogue.js").Provider | null} provider
 */
export function bookingDetails(booking, provider) {
  return h(
    "section",
    { class: "panel stack", "aria-labelledby": "details-title" },
    h("h2", { id: "details-title" }, t("booking.details")),
    facts(booking, provider),
    prices(booking),
    policy(booking),
  );
}

/** @param {import("../bookings.js").BookingDetail} booking @param {import("../catalogue.js").Provider | null} provider */
function facts(booking, provider) {
  const { startsAt, endsAt, timeZone } = booking;
  const rows = [
    provider && [t("fact.provider"), h("a", { href: link(`/providers/${provider.providerId}`) }, named(provider.name))],
    [t("fact.service"), named(booking.serviceName)],
    [t("fact.day"), day(startsAt, timeZone)],
    [
      t("fact.time"),
      h("bdi", { class: "numbers" }, t("format.range", { from: time(startsAt, timeZone), to: time(endsAt, timeZone) })),
      h("span", { class: "soft small block" }, zoneName(timeZone, startsAt)),
    ],
    readsAnotherClock(startsAt, timeZone) && [t("fact.your_clock"), ownMoment(startsAt)],
    ...careRows(booking),
  ];
  return h(
    "dl",
    { class: "facts" },
    rows.flatMap((row) => (row ? [h("dt", {}, row[0]), h("dd", {}, ...row.slice(1))] : [])),
  );
}

/** @param {import("../bookings.js").Booking} booking */
function prices({ quote }) {
  return h(
    "table",
    { class: "sums" },
    h("caption", { class: "unseen" }, t("fact.price")),
    h(
      "tbody",
      {},
      quote.lines.map((line) => h("tr", {}, h("th", { scope: "row" }, named(line.name)), h("td", {}, money(line.amount)))),
      h("tr", { class: "total" }, h("th", { scope: "row" }, t("fact.total")), h("td", {}, money(quote.total))),
    ),
  );
}

/** The policy that was frozen with the booking. @param {import("../bookings.js").Booking} booking */
function policy({ quote }) {
  return h(
    "div",
    { class: "stack-tight" },
    h("h3", {}, t("policy.title")),
    h(
      "ul",
      { class: "policy small soft" },
      quote.refundTiers.map(({ noticeHours, percent: share }) =>
        h("li", {}, noticeHours > 0 ? t("policy.tier", { count: noticeHours, percent: percent(share) }) : t("policy.last_tier", { percent: percent(share) })),
      ),
    ),
  );
}
