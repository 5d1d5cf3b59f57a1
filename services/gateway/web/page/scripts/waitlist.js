/** Questions about the lines in which the reader waits. */

import { question } from "./api.js";

/**
 * @typedef {{waitlistId: string, providerId: string, serviceId: string, date: string, fromTime: string | null,
 *   toTime: string | null, state: string, booking: import("./bookings.js").Booking | null}} Entry
 */

/** As many as are looked at; the newest come first, and nobody waits in more than 20. */
const LOOKED_AT = 50;
const STILL = new Set(["waiting", "offered"]);

/** Where the reader waits, or was offered something that they may still take. @param {AbortSignal} signal @returns {Promise<Entry[]>} */
export async function waitingIn(signal) {
  const { data } = await question("customer/waitlist", { query: { limit: LOOKED_AT }, signal });
  return data.entries.filter((/** @type {Entry} */ entry) => STILL.has(entry.state));
}
