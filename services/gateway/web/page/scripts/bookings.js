/** Questions about the reader's own bookings and payments. */

import { question } from "./api.js";

/**
 * @typedef {import("./format.js").Money} Money
 * @typedef {import("./language.js").Texts} Texts
 * @typedef {{refundPercent: number, tipPercent: number, serviceRefund: Money, tipRefund: Money}} Refund
 * @typedef {Refund & {quoteId: string, validUntil: string, noticeHours: number}} RefundQuote
 * @typedef {{bookingId: string, version: number, state: string, providerId: string, serviceId: string, serviceName: Texts,
 *   startsAt: string, endsAt: string, timeZone: string, localDate: string, holdExpiresAt: string | null,
 *   localTime: string, pendingFor?: string | null, answerHours?: number | null, seriesId?: string | null, waitlistId?: string | null,
 *   moves?: number, place?: string, contestUntil?: string | null, contest?: string | null,
 *   replacesBookingId?: string | null, cancelCause: string | null, refund: Refund | null, notes: string | null,
 *   quote: {lines: {kind: string, name: Texts, amount: Money}[], total: Money, refundTiers: {noticeHours: number, percent: number}[]}}} Booking
 * @typedef {{name: string, relation: string | null, birthYear: number | null, phone: string | null, notes: string | null}} Recipient
 * @typedef {{lines: string[] | null, city: string, latitude: number | null, longitude: number | null}} Address
 * @typedef {{at: string, distanceM: number | null, far: boolean | null}} Presence
 * @typedef {Booking & {recipient?: Recipient | null, address?: Address | null, providerNotes?: string | null,
 *   checkIn?: Presence | null, checkOut?: Presence | null}} BookingDetail  what of a booking only those concerned see
 * @typedef {{quoteId: string, startsAt: string, endsAt: string, price: Money, serviceRefund: Money, priceDifference?: Money | null,
 *   refundPercent: number, movesLeft: number}} MoveQuote
 * @typedef {{paymentId: string, bookingId: string, paymentIntentId: string | null, status: string, amount: number,
 *   refundedAmount: number, captured: boolean, releasedAmount: number, currency: string, simulated: boolean, clientSecret: string | null,
 *   nextAction: {type: string, url: string | null} | null}} Payment
 */

/** As far back as a booking's payment is looked for. */
const PAYMENTS_LOOKED_AT = 100;

/** @param {string} id @param {AbortSignal} signal @returns {Promise<BookingDetail>} */
export async function booking(id, signal) {
  return (await question(`customer/bookings/${id}`, { signal })).data;
}

/** @param {string | null} cursor @param {AbortSignal} signal @returns {Promise<{bookings: Booking[], next: string | null}>} */
export async function bookings(cursor, signal) {
  const { data, page } = await question("customer/bookings", { query: { limit: 20, cursor }, signal });
  return { bookings: data.bookings, next: page.next };
}

/** The newest payment of a booking, if there is one. @param {string} bookingId @param {AbortSignal} signal @returns {Promise<Payment | null>} */
export async function paymentOf(bookingId, signal) {
  const { data } = await question("customer/payments", { query: { limit: PAYMENTS_LOOKED_AT }, signal });
  return data.payments.find((/** @type {Payment} */ payment) => payment.bookingId === bookingId) ?? null;
}

/** The bookings whose newest payment waits for an answer to the reader's bank. @param {AbortSignal} signal @returns {Promise<Set<string>>} */
export async function askedByBank(signal) {
  const { data } = await question("customer/payments", { query: { limit: PAYMENTS_LOOKED_AT }, signal });
  const newest = new Map(data.payments.map((/** @type {Payment} */ { bookingId, status }) => [bookingId, status]).reverse());
  return new Set([...newest].flatMap(([bookingId, status]) => (status === "requires_action" ? [bookingId] : [])));
}

/** @param {string} bookingId @param {AbortSignal} signal @returns {Promise<RefundQuote>} */
export async function refundQuote(bookingId, signal) {
  return (await question(`customer/bookings/${bookingId}/refund-quote`, { signal })).data;
}

/**
 * What moving it there means.
 * @param {string} bookingId @param {import("./catalogue.js").Slot} slot @param {boolean} allowOverlap @param {AbortSignal} signal
 * @returns {Promise<MoveQuote>}
 */
export async function moveQuote(bookingId, slot, allowOverlap, signal) {
  const query = { date: slot.localDate, time: slot.localTime, utcOffset: slot.utcOffset, allowOverlap };
  return (await question(`customer/bookings/${bookingId}/reschedule-quote`, { query, signal })).data;
}

/** @param {string} paymentId @param {AbortSignal} signal */
export async function receipt(paymentId, signal) {
  return (await question(`customer/payments/${paymentId}/receipt`, { signal })).data;
}

/** What is given back in all. @param {Refund} refund @returns {Money} */
export function refundTotal(refund) {
  return { amount: refund.serviceRefund.amount + refund.tipRefund.amount, currency: refund.serviceRefund.currency };
}
