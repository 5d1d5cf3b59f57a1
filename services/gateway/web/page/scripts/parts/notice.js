/** A message beside what it is about: good, a warning, a refusal. */

import { append, fill, h } from "../elements.js";
import { t } from "../language.js";
import { isAborted, Problem, wordsFor } from "../problem.js";
import { link } from "../router.js";
import { icon } from "./icons.js";

const ICONS = /** @type {const} */ ({ good: "check", warn: "alert", bad: "alert", plain: "info" });

/**
 * @param {keyof typeof ICONS} kind
 * @param {...any} content
 */
export function notice(kind, ...content) {
  const body = h("div", { class: "notice-body" });
  append(body, content.map((item) => (typeof item === "string" ? h("p", {}, item) : item)));
  return h("div", { class: `notice notice-${kind}` }, icon(ICONS[kind]), body);
}

/** An empty place whose message is read out when it comes. */
export function noticePlace() {
  return h("div", { role: "alert", class: "notice-place" });
}

/**
 * What went wrong, in words, with a way on. Nothing when the view was left.
 * @param {Element} place
 * @param {unknown} error
 * @param {() => void} [again] offered when asking again may help
 */
export function showProblem(place, error, again) {
  if (isAborted(error)) return;
  const trace = error instanceof Problem && error.traceId && error.status >= 500 ? error.traceId : "";
  // What is not there, or asked for wrongly, does not come by asking again.
  const isFinal = error instanceof Problem && (error.status === 404 || error.status === 422);
  fill(
    place,
    notice(
      "bad",
      wordsFor(error),
      trace && h("p", { class: "small" }, t("problem.trace", { trace })),
      again && h("p", {}, isFinal ? h("a", { class: "button button-quiet", href: link("/") }, t("nav.find")) : h("button", { type: "button", class: "button button-quiet", onclick: again }, t("action.again"))),
    ),
  );
  if (!(error instanceof Problem)) console.error(error);
}
