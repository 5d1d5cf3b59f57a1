/** A rule of a series in words. */

import { calendarDay, clockTime } from "../format.js";
import { t } from "../language.js";
import { readRule } from "../series.js";

/** @param {string} rule @param {string} startTime on the provider's clock */
export function ruleInWords(rule, startTime) {
  const read = readRule(rule);
  if (!read) return "";
  const at = clockTime(startTime);
  const every = t("repeat.every", { count: read.weeks });
  return read.until
    ? t("repeat.words_until", { every, time: at, day: calendarDay(read.until).full })
    : t("repeat.words_count", { every, time: at, count: read.count ?? 0 });
}
