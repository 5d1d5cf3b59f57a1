/** Local days as the API writes them, `2027-01-15`: arithmetic on the calendar, without a clock. */

/** As far as any provider lets people book. */
export const WINDOW_DAYS = 90;

/** The day of an instant in a zone. @param {number} instant milliseconds @param {string} zone */
export function dayIn(instant, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(new Date(instant));
}

/** @param {string} day @param {number} count */
export function plusDays(day, count) {
  const moved = new Date(`${day}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + count);
  return moved.toISOString().slice(0, 10);
}

/** @param {string} first @param {number} count @returns {string[]} */
export function daysFrom(first, count) {
  return Array.from({ length: count }, (_, index) => plusDays(first, index));
}

/** Whether this is such a day. @param {string | null | undefined} text @returns {text is string} */
export function isDay(text) {
  return /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}
