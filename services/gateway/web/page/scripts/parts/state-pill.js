/** A booking's state in one word. */

import { h } from "../elements.js";
import { t } from "../language.js";

/** @type {Record<string, string>} */
const STYLES = { pending: "pill-warn", confirmed: "pill-good", in_progress: "pill-good", completed: "pill-good" };

/** @param {string} state */
export function statePill(state) {
  return h("span", { class: `pill ${STYLES[state] ?? ""}` }, t(`booking_state.${state}`));
}
