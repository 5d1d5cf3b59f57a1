/** Questions about the lines in which the reader waits. */

import { question } from "./api.js";

/**
 * @typedef {{waitlistId: string, providerId: string, serviceId: string, date: string, fromTime: string | null,
 *   toTime: string | null, state: string, booking: import("./bookings.js").Booking | null}} Entry
 */

const PAGE = 100;
/**
 * They come newest first, whatever became of them, and whoever waits may have joined and left a hundred lines since: all are
 * looked at. A thousand is more than anybody joins in the time that a line lasts, and ends the asking.
 */
const MOST_PAGES = 10;
const STILL = new Set(["waiting", "offered"]);

/** Where the reader waits, or was offered something that they may still take. @param {AbortSignal} signal @returns {Promise<Entry[]>} */
export async function waitingIn(signal) {
  /** @type {Entry[]} */
  const found = [];
  let cursor = /** @type {string | null} */ (null);
  for (let number = 0; number < MOST_PAGES && (number === 0 || cursor); number += 1) {
    const { data, page } = await question("customer/waitlist", { query: { limit: PAGE, cursor }, signal });
    found.push(...data.entries.filter((/** @type {Entry} */ entry) => STILL.has(entry.state)));
    cursor = page.next;
  }
  return found;
}
