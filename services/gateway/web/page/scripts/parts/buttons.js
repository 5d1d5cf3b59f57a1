/** Buttons that work: busy while they do, so that one press is one deed. */

import { fill, h } from "../elements.js";

/**
 * @param {string} text
 * @param {string} style such as `button button-wide`
 * @param {(button: HTMLButtonElement) => Promise<void>} work
 * @param {string} [busyText]
 * @returns {HTMLButtonElement}
 */
export function workButton(text, style, work, busyText = text) {
  const button = h("button", { type: "button", class: style, onclick: () => whileBusy(button, busyText, () => work(button)) }, text);
  return button;
}

/**
 * Show that something is at work. The button keeps the focus: it is not disabled, it only does nothing.
 * @param {HTMLButtonElement} button
 * @param {string} busyText
 * @param {() => Promise<void>} work
 */
export async function whileBusy(button, busyText, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  const text = button.textContent ?? "";
  button.setAttribute("aria-busy", "true");
  fill(button, busyText);
  try {
    await work();
  } finally {
    button.removeAttribute("aria-busy");
    fill(button, text);
  }
}
