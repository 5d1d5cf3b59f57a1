/** Questions about series of visits, and their rules as RFC 5545 writes them. */

import { command, question } from "./api.js";

/**
 * @typedef {import("./format.js").Money} Money
 * @typedef {import("./catalogue.js").Slot} Slot
 * @typedef {import("./language.js").Texts} Texts
 * @typedef {{position: number, localDate: string, localTime: string, prospect: string, code: string | null, nextExisting: string | null,
 *   startsAt: string | null, utcOffset: string | null, alternatives: Slot[]}} Prospect
 * @typedef {{serviceName: Texts, timeZone: string, price: Money, instances: Prospect[]}} Preview
 * @typedef {{position: number, wantedDate: string, localDate: string, wantedTime: string, outcome: string, code: string | null,
 *   booking: import("./bookings.js").Booking | null}} Instance
 * @typedef {{seriesId: string, providerId: string, serviceId: string, rule: string, firstDate: string, startTime: string,
 *   keptAt: string | null, instances: Instance[]}} Series
 * @typedef {{quoteId: string, validUntil: string, serviceRefund: Money, tipRefund: Money, visits: import("./bookings.js").RefundQuote[]}} SeriesRefund
 * @typedef {{weeks: number, count: number | null, until: string | null}} Rule  every so many weeks, so often or up to a day
 */

/** As many visits as a series may have. */
export const MOST_VISITS = 52;

/** @param {Rule} rule */
export function writeRule({ weeks, count, until }) {
  const end = until ? `UNTIL=${until.replaceAll("-", "")}` : `COUNT=${count}`;
  return `FREQ=WEEKLY${weeks > 1 ? `;INTERVAL=${weeks}` : ""};${end}`;
}

/** What this page writes; null for a rule that another client made. @param {string} text @returns {Rule | null} */
export function readRule(text) {
  const found = /^FREQ=WEEKLY(?:;INTERVAL=(\d+))?;(?:COUNT=(\d+)|UNTIL=(\d{4})(\d{2})(\d{2}))$/.exec(text);
  if (!found) return null;
  const until = found[3] ? `${found[3]}-${found[4]}-${found[5]}` : null;
  return { weeks: Number(found[1] ?? 1), count: found[2] ? Number(found[2]) : null, until };
}

/** @param {any} wanted @param {AbortSignal} signal @returns {Promise<Preview>} */
export async function preview(wanted, signal) {
  return (await command("customer/series/preview", wanted, { signal })).data;
}

/** @param {string} id @param {AbortSignal} signal @returns {Promise<Series>} */
export async function series(id, signal) {
  return (await question(`customer/series/${id}`, { signal })).data;
}

/** @param {string} id @param {{scope: string, position: number | null}} which @param {AbortSignal} signal @returns {Promise<SeriesRefund>} */
export async function seriesRefund(id, which, signal) {
  return (await question(`customer/series/${id}/refund-quote`, { query: which, signal })).data;
}
