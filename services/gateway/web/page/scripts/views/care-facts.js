/** Who receives the care, where, the notes of both sides, and when the carer came and went: as far as the reader is told. */

import { h } from "../elements.js";
import { number, time } from "../format.js";
import { t } from "../language.js";

/** @typedef {import("../bookings.js").BookingDetail} Detail */

/** Rows for a list of facts. @param {Detail} booking @returns {any[]} */
export function careRows(booking) {
  const { recipient, address, notes, providerNotes, checkIn, checkOut, timeZone } = booking;
  const written = (/** @type {string} */ text) => h("span", { dir: "auto", class: "written" }, text);
  return [
    booking.place && booking.place !== "provider" && [t("care.where"), t(`place.${booking.place}`)],
    address && [t("care.address"), written([...(address.lines ?? []), address.city].join("\n")), !address.lines && h("span", { class: "soft small block" }, t("care.address_later"))],
    recipient && [t("care.recipient"), written([recipient.name, recipient.relation, recipient.birthYear].filter(Boolean).join(", ")), ...recipientMore(recipient)],
    notes && [t("fact.notes"), written(notes)],
    providerNotes && [t("fact.provider_notes"), written(providerNotes)],
    checkIn && [t("presence.in"), presence(checkIn, timeZone)],
    checkOut && [t("presence.out"), presence(checkOut, timeZone)],
  ];
}

/** @param {import("../bookings.js").Recipient} recipient */
function recipientMore({ phone, notes }) {
  return [
    phone && h("span", { class: "block" }, h("a", { href: `tel:${phone.replace(/[^+0-9]/g, "")}` }, h("bdi", { dir: "ltr" }, phone))),
    notes && h("span", { class: "block written", dir: "auto" }, notes),
  ];
}

/** @param {import("../bookings.js").Presence} seen @param {string} zone */
function presence({ at, distanceM, far }, zone) {
  const where = distanceM === null ? t("presence.nowhere") : t(far ? "presence.far" : "presence.near", { metres: number(distanceM) });
  return h("span", {}, h("bdi", { class: "numbers" }, time(at, zone)), h("span", { class: far ? "small block strong" : "soft small block" }, where));
}
