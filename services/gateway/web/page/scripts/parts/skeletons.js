/** The shape of what is on its way, so that nothing jumps when it comes. */

import { h } from "../elements.js";
import { t } from "../language.js";

/** @param {number} count */
export function skeletonCards(count) {
  return waiting(Array.from({ length: count }, () => h("div", { class: "skeleton skeleton-card" })));
}

export function skeletonPage() {
  const shapes = ["skeleton-title", "skeleton-line", "skeleton-card", "skeleton-card"];
  return waiting(shapes.map((shape) => h("div", { class: `skeleton ${shape}` })));
}

/** @param {HTMLElement[]} shapes */
function waiting(shapes) {
  return h("div", { class: "stack", role: "status" }, h("span", { class: "unseen" }, t("state.loading")), shapes);
}
