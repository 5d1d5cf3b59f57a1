/** Making a visit a series: every so many weeks, so often or up to a day. */

import { plusDays } from "../days.js";
import { h } from "../elements.js";
import { t } from "../language.js";
import { field, select } from "../parts/fields.js";
import { MOST_VISITS, writeRule } from "../series.js";

const WEEKS = [1, 2, 3, 4];
const FIRST_COUNT = 4;

/**
 * `rule` answers the rule that is chosen, empty when the visit is a single one, null when it is not whole yet.
 * @param {string} firstDay
 * @param {string} lastDay
 * @param {() => void} onChange
 */
export function repeatFields(firstDay, lastDay, onChange) {
  const tick = h("input", { type: "checkbox", name: "repeats" });
  const weeks = select("weeks", WEEKS.map((count) => [String(count), t("repeat.every", { count })]), "1");
  const count = h("input", { type: "number", name: "count", min: 2, max: MOST_VISITS, value: String(FIRST_COUNT), inputmode: "numeric" });
  const until = h("input", { type: "date", name: "until", min: plusDays(firstDay, 7), max: lastDay, value: plusDays(firstDay, 7 * (FIRST_COUNT - 1)) });
  const end = select("end", [["count", t("repeat.by_count")], ["until", t("repeat.by_day")]], "count");
  const byCount = field(t("repeat.count"), count);
  const byDay = field(t("repeat.until"), until);
  byDay.hidden = true;
  const details = h("div", { class: "stack care-part", hidden: true }, field(t("repeat.how_often"), weeks), h("div", { class: "pair" }, field(t("repeat.ends"), end), byCount, byDay));
  tick.addEventListener("change", () => {
    details.hidden = !tick.checked;
    onChange();
  });
  end.addEventListener("change", () => {
    byCount.hidden = end.value !== "count";
    byDay.hidden = end.value !== "until";
  });
  const rule = () => {
    if (!tick.checked) return "";
    if (end.value === "until") return until.value > firstDay ? writeRule({ weeks: Number(weeks.value), count: null, until: until.value }) : null;
    const wanted = Number(count.value);
    return Number.isInteger(wanted) && wanted >= 2 && wanted <= MOST_VISITS ? writeRule({ weeks: Number(weeks.value), count: wanted, until: null }) : null;
  };
  const errors = () => (rule() !== null ? {} : end.value === "until" ? { until: t("field.until") } : { count: t("field.count", { count: MOST_VISITS }) });
  const element = h("div", { class: "stack-tight" }, h("label", { class: "tick" }, tick, h("span", {}, t("repeat.tick"))), details);
  return { element, rule, errors, repeats: () => tick.checked };
}
