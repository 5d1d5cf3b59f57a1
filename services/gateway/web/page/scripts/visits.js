/** Questions about the visits of a provider that the reader acts for. */

import { question } from "./api.js";

/** As much before the start a visit may begin, and as long after it somebody is waited for: booking's own figures. */
export const CHECK_IN_BEFORE_MS = 30 * 60_000;
export const GRACE_MS = 15 * 60_000;

/** @param {{providerId: string, visits: string, cursor?: string | null}} wanted @param {AbortSignal} signal @returns {Promise<{bookings: import("./bookings.js").Booking[], next: string | null}>} */
export async function visitsOf(wanted, signal) {
  const { data, page } = await question("provider/bookings", { query: { limit: 50, ...wanted }, signal });
  return { bookings: data.bookings, next: page.next };
}
