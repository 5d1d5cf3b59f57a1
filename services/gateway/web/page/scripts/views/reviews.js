/** What customers said after their visits, a few at a time. */

import { reviews } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { shortDate } from "../format.js";
import { t } from "../language.js";
import { workButton } from "../parts/buttons.js";
import { showProblem } from "../parts/notice.js";
import { stars } from "../parts/rating.js";
import { skeletonCards } from "../parts/skeletons.js";

/** @param {string} providerId @param {AbortSignal} signal */
export function reviewsSection(providerId, signal) {
  const list = h("ul", { class: "reviews" });
  const end = h("div", {}, skeletonCards(1));
  void showMore(providerId, null, list, end, signal);
  return h("section", { class: "stack", "aria-labelledby": "reviews-title" }, h("h2", { id: "reviews-title" }, t("reviews.title")), list, end);
}

/** @param {string} providerId @param {string | null} cursor @param {Element} list @param {Element} end @param {AbortSignal} signal */
async function showMore(providerId, cursor, list, end, signal) {
  try {
    const page = await reviews(providerId, cursor, signal);
    list.append(...page.reviews.map((/** @type {any} */ review) => h("li", { class: "review stack-tight" }, ...reviewBody(review))));
    if (page.next) fill(end, workButton(t("reviews.more"), "button button-quiet", () => showMore(providerId, page.next, list, end, signal), t("state.loading")));
    else fill(end, list.children.length === 0 && h("p", { class: "soft" }, t("reviews.none")));
  } catch (error) {
    fill(end, h("div", { role: "alert" }));
    showProblem(/** @type {Element} */ (end.firstElementChild), error, () => void showMore(providerId, cursor, list, end, signal));
  }
}

/** @param {{rating: number, text: string, author: string, createdAt: string}} review */
function reviewBody(review) {
  return [
    h("div", { class: "row-apart" }, stars(review.rating), h("span", { class: "soft small" }, shortDate(review.createdAt))),
    h("p", { dir: "auto" }, review.text),
    h("p", { class: "soft small" }, h("bdi", {}, review.author)),
  ];
}
