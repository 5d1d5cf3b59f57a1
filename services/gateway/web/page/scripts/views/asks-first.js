/** That a provider is asked before a paid visit is agreed. */

import { h } from "../elements.js";
import { t } from "../language.js";
import { notice } from "../parts/notice.js";

/** A word beside a service; nothing when it is agreed at once. @param {import("../catalogue.js").Terms | undefined} terms */
export function asksFirstPill(terms) {
  return terms?.answerHours ? h("span", { class: "pill" }, t("asks_first.pill")) : null;
}

/** What it means, before anything is held. @param {import("../catalogue.js").Terms | undefined} terms */
export function asksFirstNotice(terms) {
  return terms?.answerHours ? notice("plain", t("asks_first.hint", { count: terms.answerHours })) : null;
}
