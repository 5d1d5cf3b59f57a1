/** Stars with words: what the eye sees and what is read out are the same figure. */

import { h } from "../elements.js";
import { number } from "../format.js";
import { t } from "../language.js";

/** @param {{average: number | null, count: number}} rating */
export function rating(rating) {
  if (rating.average === null) return h("span", { class: "soft" }, t("rating.none"));
  return h(
    "span",
    { class: "rating" },
    h("span", { class: "star", "aria-hidden": "true" }, "★"),
    h("span", { class: "strong numbers" }, number(rating.average, 1)),
    h("span", { class: "unseen" }, t("rating.of_five")),
    h("span", { class: "soft" }, t("rating.reviews", { count: rating.count })),
  );
}

/** One review's stars. @param {number} value */
export function stars(value) {
  return h(
    "span",
    { class: "rating", role: "img", "aria-label": t("rating.stars", { count: value }) },
    h("span", { class: "star", "aria-hidden": "true" }, "★".repeat(value)),
    h("span", { class: "star-off", "aria-hidden": "true" }, "★".repeat(5 - value)),
  );
}
