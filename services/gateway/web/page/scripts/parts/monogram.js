/** A provider's initials on a quiet ground, where a photograph would be. */

import { h } from "../elements.js";
import { named } from "../language.js";

const TINTS = 5;

/** @param {{providerId: string, name: {en: string, ar?: string | null}}} provider */
export function monogram(provider) {
  const tint = parseInt(provider.providerId.slice(-4), 16) % TINTS;
  return h("span", { class: `monogram tint-${tint}`, "aria-hidden": "true" }, initials(named(provider.name)));
}

/** Two letters; Arabic letters would join, so there is one. @param {string} name */
function initials(name) {
  const words = name.replace(/[\u2066-\u2069]/g, "").split(/\s+/).filter((word) => !/^(مركز|عيادة|دار|بيت)$/.test(word));
  if (/[\u0600-\u06ff]/.test(name)) return (words[0] ?? "").replace(/^ال/, "").charAt(0);
  return words.slice(0, 2).map((word) => String.fromCodePoint(word.codePointAt(0) ?? 0x20).toUpperCase()).join("");
}
