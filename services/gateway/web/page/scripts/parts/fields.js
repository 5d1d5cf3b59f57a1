/** Labelled fields whose errors are said where they are. */

import { h, uniqueId } from "../elements.js";

/**
 * A field with its label above.
 * @param {string} label
 * @param {HTMLElement} control an input, select or textarea
 * @param {string} [hint]
 */
export function field(label, control, hint) {
  const id = uniqueId("field");
  control.id = id;
  const described = hint ? h("p", { class: "field-hint", id: `${id}-hint` }, hint) : null;
  if (described) control.setAttribute("aria-describedby", described.id);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, described);
}

/**
 * Say what is wrong with fields, and go to the first.
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} errors text by the control's name
 */
export function showErrors(form, errors) {
  clearErrors(form);
  let isFirst = true;
  for (const control of /** @type {any} */ (form.elements)) {
    const text = errors[control.name];
    if (!text) continue;
    const id = `${control.id}-error`;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", `${id} ${hintOf(control)}`.trim());
    control.after(h("p", { class: "field-error", id }, text));
    if (isFirst) control.focus();
    isFirst = false;
  }
}

/** @param {HTMLFormElement} form */
export function clearErrors(form) {
  for (const error of form.querySelectorAll(".field-error")) error.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    control.setAttribute("aria-describedby", hintOf(control));
  }
}

/** The id of a control's hint, if it has one. @param {Element} control */
function hintOf(control) {
  return document.getElementById(`${control.id}-hint`)?.id ?? "";
}

/**
 * A list to choose from.
 * @param {string} name
 * @param {[string, string][]} options value and text
 * @param {string} chosen
 */
export function select(name, options, chosen) {
  return h(
    "select",
    { name },
    options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  );
}
