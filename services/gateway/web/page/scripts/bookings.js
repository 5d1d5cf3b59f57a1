/** Questions about the reader's own bookings and payments. */

import { question } from "./api.js";

/**
 * @typedef {import("./format.js").Money} Money
 * @typedef {import("./language.js").Texts} Texts
 * @typedef {{refundPercent: number, tipPercent: number, serviceRefund: Money, tipRefund: Money}} Refund
 * @typedef {Refund & {quoteId: string, validUntil: string, noticeHours: number}} RefundQuote
 * @typedef {{bookingId: string, version: number, state: string, providerId: string, serviceId: string, serviceName: Texts,
 *   startsAt: string, endsAt: string, timeZone: string, localDate: string, holdExpiresAt: string | null,
 *   pendingFor?: string | null,
 *   cancelCause: string | null, refund: Refund | null, notes: string | null,
 *   quote: {lines: {kind: string, name: Texts, amount: Money}[], total: Money, refundTiers: {noticeHours: number, percent: number}[]}}} Booking
 * @typedef {{paymentId: string, bookingId: string, paymentIntentId: string | null, status: string, amount: number,
 *   refundedAmount: number, captured: boolean, releasedAmount: number, currency: string, simulated: boolean, clientSecret: string | null,
 *   nextAction: {type: string, url: string | null} | null}} Payment
 */

/** As far back as a booking's payment is looked for. */
const PAYMENTS_LOOKED_AT = 100;

/** @param {string} id @param {AbortSignal} signal @returns {Promise<Booking>} */
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

/** @param {string} bookingId @param {AbortSignal} signal @returns {Promise<RefundQuote>} */
export async function refundQuote(bookingId, signal) {
  return (await question(`customer/bookings/${bookingId}/refund-quote`, { signal })).data;
}

/** @param {string} paymentId @param {AbortSignal} signal */
export async function receipt(paymentId, signal) {
  return (await question(`customer/payments/${paymentId}/receipt`, { signal })).data;
}

/** What is given back in all. @param {Refund} refund @returns {Money} */
export function refundTotal(refund) {
  return { amount: refund.serviceRefund.amount + refund.tipRefund.amount, currency: refund.serviceRefund.currency };
}
