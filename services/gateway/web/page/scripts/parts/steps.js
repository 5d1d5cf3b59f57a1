/** How far a booking is: chosen, paid, confirmed. */

import { h } from "../elements.js";
import { t } from "../language.js";
import { icon } from "./icons.js";

const STEPS = ["steps.held", "steps.paid", "steps.confirmed"];

/** @param {number} done how many are behind the reader */
export function steps(done) {
  return h(
    "ol",
    { class: "steps", "aria-label": t("steps.title") },
    STEPS.map((key, number) =>
      h(
        "li",
        { class: number < done ? "step step-done" : "step", "aria-current": number === done ? "step" : null },
        h("span", { class: "step-mark", "aria-hidden": "true" }, number < done ? icon("check") : ""),
        h("span", {}, t(key)),
        number < done && h("span", { class: "unseen" }, t("steps.done")),
      ),
    ),
  );
}
