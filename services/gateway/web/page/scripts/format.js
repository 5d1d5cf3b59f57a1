/** Numbers, money, days and times as people read them; times always in the provider's zone. */

import { language, locale, t } from "./language.js";

/** @typedef {{amount: number, currency: string}} Money  in major units, as the API sends it */

/** @param {Money} money */
export function money(money) {
  const text = new Intl.NumberFormat(locale(), { style: "currency", currency: money.currency }).format(money.amount);
  // Without the mark a sign at the end (US$) would be turned around by the line's direction.
  return language() === "ar" ? `${text}\u200e` : text;
}

/** @param {number} value @param {number} [digits] */
export function number(value, digits = 0) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale(), options).format(value);
}

/** @param {number} value */
export function percent(value) {
  return new Intl.NumberFormat(locale(), { style: "percent" }).format(value / 100);
}

/** @param {number} km */
export function distance(km) {
  const near = km < 10;
  const options = { style: "unit", unit: "kilometer", maximumFractionDigits: near ? 1 : 0 };
  return new Intl.NumberFormat(locale(), options).format(km);
}

/** @param {number} minutes */
export function duration(minutes) {
  // Arabic's short form is a single letter.
  const [unitDisplay, style] = language() === "ar" ? ["long", "long"] : ["short", "narrow"];
  const unit = (/** @type {number} */ value, /** @type {string} */ name) =>
    new Intl.NumberFormat(locale(), /** @type {any} */ ({ style: "unit", unit: name, unitDisplay })).format(value);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const parts = [hours && unit(hours, "hour"), rest && unit(rest, "minute")].filter(Boolean);
  return new Intl.ListFormat(locale(), /** @type {any} */ ({ type: "unit", style })).format(/** @type {string[]} */ (parts));
}

/** The time of an instant on the provider's clock. @param {string} instant @param {string} zone */
export function time(instant, zone) {
  return new Intl.DateTimeFormat(locale(), { hour: "numeric", minute: "2-digit", timeZone: zone }).format(new Date(instant));
}

/** A time of a clock, as the API writes it: `10:00`. @param {string} text */
export function clockTime(text) {
  return time(`2000-01-01T${text}:00Z`, "UTC");
}

/** Weekday, day and month of an instant on the provider's calendar. @param {string} instant @param {string} zone */
export function day(instant, zone) {
  const options = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: zone };
  return new Intl.DateTimeFormat(locale(), /** @type {any} */ (options)).format(new Date(instant));
}

/** Day and time together. @param {string} instant @param {string} zone */
export function moment(instant, zone) {
  return t("format.moment", { day: day(instant, zone), time: time(instant, zone) });
}

/** A short date in the reader's own zone, for what has no place. @param {string} instant */
export function shortDate(instant) {
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", year: "numeric" }).format(new Date(instant));
}

/**
 * The zone in words, as it is at that instant: "Eastern Standard Time (GMT-5)".
 * @param {string} zone
 * @param {string | number} [instant]
 */
export function zoneName(zone, instant = Date.now()) {
  const part = (/** @type {any} */ style) =>
    new Intl.DateTimeFormat(locale(), { timeZone: zone, timeZoneName: style })
      .formatToParts(new Date(instant))
      .find((piece) => piece.type === "timeZoneName")?.value ?? zone;
  const long = part("long");
  const offset = part("shortOffset");
  return long === offset ? long : `${long} (${offset})`;
}

/** Whether the reader's own clock shows another time than the provider's then. @param {string} instant @param {string} zone */
export function readsAnotherClock(instant, zone) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const shown = (/** @type {string} */ where) =>
    new Intl.DateTimeFormat("en", { timeZone: where, dateStyle: "short", timeStyle: "short" }).format(new Date(instant));
  return shown(own) !== shown(zone);
}

/** An instant on the reader's own clock. @param {string} instant */
export function ownMoment(instant) {
  const options = { weekday: "short", hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(locale(), /** @type {any} */ (options)).format(new Date(instant));
}

/** A local date `2027-01-15` in parts for a calendar strip. @param {string} date */
export function calendarDay(date) {
  const noon = new Date(`${date}T12:00:00Z`);
  const part = (/** @type {any} */ options) =>
    new Intl.DateTimeFormat(locale(), { ...options, timeZone: "UTC" }).format(noon);
  return {
    weekday: part({ weekday: language() === "ar" ? "long" : "short" }),
    day: part({ day: "numeric" }),
    month: part({ month: "short" }),
    full: part({ weekday: "long", day: "numeric", month: "long" }),
  };
}

/** Minutes and seconds that are left: `14:05`. @param {number} milliseconds */
export function remaining(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = new Intl.NumberFormat(locale(), { minimumIntegerDigits: 2 });
  return `${two.format(Math.floor(seconds / 60))}:${two.format(seconds % 60)}`;
}

/** How many decimals a tip may have in this currency; the third decimal can't be charged. @param {string} currency */
export function chargeableDigits(currency) {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return Math.min(2, digits);
}
