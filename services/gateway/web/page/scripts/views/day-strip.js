/** Seven days to choose from, and a field for any other. */

import { daysFrom, plusDays } from "../days.js";
import { fill, h, uniqueId } from "../elements.js";
import { calendarDay } from "../format.js";
import { t } from "../language.js";
import { icon } from "../parts/icons.js";

const DAYS = 7;

/**
 * Its `choose` shows another day as chosen; buttons and field stay, and with them the focus of who is at them.
 * @param {{first: string, last: string, chosen: string, onChoose: (day: string) => void}} wanted
 */
export function dayStrip({ first, last, chosen, onChoose }) {
  const list = h("ul", { class: "days" });
  const earlier = arrow("back", t("days.earlier"), () => show(plusDays(begin, -DAYS)));
  const later = arrow("forward", t("days.later"), () => show(plusDays(begin, DAYS)));
  let begin = first;
  const show = (/** @type {string} */ wanted) => {
    begin = wanted < first ? first : wanted;
    fill(list, daysFrom(begin, DAYS).filter((day) => day <= last).map((day) => h("li", {}, dayButton(day, chosen, onChoose))));
    earlier.disabled = begin <= first;
    later.disabled = plusDays(begin, DAYS) > last;
  };
  // The chosen day is among the seven, with its neighbours.
  show(chosen < plusDays(first, DAYS) ? first : plusDays(chosen, -3));
  const id = uniqueId("day");
  const exact = h("input", {
    type: "date", id, min: first, max: last, value: chosen,
    onchange: () => exact.value >= first && exact.value <= last && onChoose(exact.value),
  });
  const element = h(
    "div",
    { class: "stack-tight" },
    h("div", { class: "day-row" }, earlier, list, later),
    h("div", { class: "day-exact" }, h("label", { for: id, class: "small soft" }, t("days.other")), exact),
  );
  const choose = (/** @type {string} */ day) => {
    chosen = day;
    if (exact.value !== day) exact.value = day;
    const isShown = day >= begin && day < plusDays(begin, DAYS);
    if (!isShown) show(plusDays(day, -3));
    for (const button of list.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.day === day));
  };
  return { element, choose };
}

/** @param {string} day @param {string} chosen @param {(day: string) => void} onChoose */
function dayButton(day, chosen, onChoose) {
  const shown = calendarDay(day);
  return h(
    "button",
    { type: "button", class: "day", "aria-label": shown.full, "aria-pressed": String(day === chosen), "data-day": day, onclick: () => onChoose(day) },
    h("span", { class: "day-weekday" }, shown.weekday),
    h("span", { class: "day-number numbers" }, shown.day),
    h("span", { class: "day-month" }, shown.month),
  );
}

/** @param {"back" | "forward"} name @param {string} label @param {() => void} onclick */
function arrow(name, label, onclick) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, onclick }, icon(name));
}
