/** A question that has to be answered before anything else. The browser keeps the focus inside. */

import { h, uniqueId } from "../elements.js";

/**
 * Open a dialog; it closes when the view is left, by Escape, or by `close`.
 * @param {string} title
 * @param {(close: () => void) => any[]} content
 * @param {AbortSignal} signal
 * @returns {Promise<void>} resolved when it is closed
 */
export function openDialog(title, content, signal) {
  const id = uniqueId("dialog");
  const dialog = h("dialog", { "aria-labelledby": id });
  const close = () => dialog.close();
  dialog.append(h("div", { class: "stack" }, h("h2", { id }, title), ...content(close)));
  document.body.append(dialog);
  signal.addEventListener("abort", close, { once: true });
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
  });
}
