/** Which language the page speaks, and its words. */

import ar from "./texts/ar.js";
import en from "./texts/en.js";

/**
 * @typedef {"en" | "ar"} Language
 * @typedef {{en: string, ar?: string | null}} Texts  as the API sends names
 */

/** @type {Record<Language, Record<string, string | Record<string, string>>>} */
const WORDS = { en, ar };
const KEPT_AS = "care.language";

/** Digits and calendar are named: dates are the API's Gregorian ones, whatever the reader's system prefers. */
const LOCALES = { en: "en", ar: "ar-u-ca-gregory-nu-arab" };

/** @returns {Language} */
export function language() {
  return document.documentElement.lang === "ar" ? "ar" : "en";
}

/** The locale for Intl. */
export function locale() {
  return LOCALES[language()];
}

/**
 * Speak another language from now on.
 * @param {Language} chosen
 */
export function setLanguage(chosen) {
  document.documentElement.lang = chosen;
  document.documentElement.dir = chosen === "ar" ? "rtl" : "ltr";
  try {
    localStorage.setItem(KEPT_AS, chosen);
  } catch {
    // Storage is closed: the choice lasts as long as the page.
  }
}

/**
 * The words of a key, with `{name}` filled in. A key with forms is chosen by `count`, as the language counts.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const found = WORDS[language()][key] ?? key;
  const text = typeof found === "string" ? found : pluralForm(found, Number(values.count));
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(locale()).format(value) : value;
  });
}

/** Whether there are words for this key. @param {string} key */
export function has(key) {
  return key in WORDS[language()];
}

/** A name of the API in the reader's language; one in another direction keeps its own order. @param {Texts | null | undefined} texts */
export function named(texts) {
  if (!texts) return "";
  return texts[language()] || (language() === "ar" ? `\u2068${texts.en}\u2069` : texts.en);
}

/**
 * @param {Record<string, string>} forms
 * @param {number} count
 */
function pluralForm(forms, count) {
  return forms[new Intl.PluralRules(locale()).select(count)] ?? forms.other;
}
