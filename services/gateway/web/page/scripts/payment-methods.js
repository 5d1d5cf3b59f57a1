/** What a booking can be paid with, as the server says it is set up: nothing else is offered. */

import { question } from "./api.js";

/** @typedef {import("./bookings.js").Booking} Booking */
/** @typedef {{method: "card" | "mada", redirects: boolean, simulated: boolean}} Method */

/** @param {Booking} booking @param {AbortSignal} signal @returns {Promise<Method[]>} */
export async function paymentMethods(booking, signal) {
  const query = { currency: booking.quote.total.currency, providerId: booking.providerId };
  return (await question("customer/payments/methods", { query, signal })).data.methods;
}
