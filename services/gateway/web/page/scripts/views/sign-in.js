/** Signing in, and opening an account: one form each, and back to where the reader came from. */

import { fill, h } from "../elements.js";
import { t } from "../language.js";
import { whileBusy } from "../parts/buttons.js";
import { clearErrors, field, showErrors } from "../parts/fields.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { Problem } from "../problem.js";
import { go, link } from "../router.js";
import { register, signIn } from "../session.js";

const SHORTEST_PASSWORD = 10;

/** @typedef {import("../router.js").Place} Place */

/** @param {Place} place */
export function signInView(place) {
  show(place, {
    title: "title.sign_in",
    lead: "sign_in.lead",
    submit: "sign_in.submit",
    controls: [emailField(), passwordField("current-password")],
    check: (values) => required(values, ["email", "password"]),
    carryOut: ({ email, password }) => signIn(email, password, place.signal),
    other: { text: "sign_in.no_account", link: "sign_in.register", path: "/register" },
  });
}

/** @param {Place} place */
export function registerView(place) {
  const name = h("input", { name: "name", autocomplete: "name", maxlength: 100 });
  show(place, {
    title: "title.register",
    lead: "register.lead",
    submit: "register.submit",
    controls: [field(t("register.name"), name), emailField(), passwordField("new-password", t("register.password_hint"))],
    check: (values) => ({
      ...required(values, ["name", "email", "password"]),
      ...(values.password && values.password.length < SHORTEST_PASSWORD ? { password: t("register.password_hint") } : {}),
    }),
    carryOut: ({ name: called, email, password }) => register({ name: called.trim(), email, password }, place.signal),
    other: { text: "register.has_account", link: "register.sign_in", path: "/sign-in" },
  });
}

/**
 * @param {Place} place
 * @param {{title: string, lead: string, submit: string, controls: any[], check: (values: Record<string, string>) => Record<string, string>,
 *   carryOut: (values: Record<string, string>) => Promise<void>, other: {text: string, link: string, path: string}}} page
 */
function show(place, page) {
  const next = place.query.get("next") ?? "#/";
  place.setTitle(t(page.title));
  const problem = noticePlace();
  if (place.query.has("ended")) fill(problem, notice("warn", t("problem.session_ended")));
  const submit = h("button", { type: "submit", class: "button button-wide" }, t(page.submit));
  const form = h("form", { class: "panel stack", novalidate: true }, problem, page.controls, submit);
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    void whileBusy(submit, t("state.working"), () => send(form, problem, page, next));
  });
  fill(
    place.outlet,
    h(
      "div",
      { class: "narrow stack" },
      h("div", { class: "stack-tight" }, h("h1", {}, t(page.title)), h("p", { class: "soft" }, t(page.lead))),
      form,
      h("p", { class: "center" }, t(page.other.text), " ", h("a", { href: link(page.other.path, { next }) }, t(page.other.link))),
    ),
  );
}

/** @param {HTMLFormElement} form @param {Element} problem @param {Parameters<typeof show>[1]} page @param {string} next */
async function send(form, problem, page, next) {
  fill(problem);
  clearErrors(form);
  const values = /** @type {any} */ (Object.fromEntries(new FormData(form)));
  const errors = page.check(values);
  if (Object.keys(errors).length > 0) {
    showErrors(form, errors);
    return;
  }
  try {
    await page.carryOut(values);
    go(next);
  } catch (error) {
    const fields = error instanceof Problem ? Object.entries(error.errors) : [];
    const known = fields.filter(([name]) => form.elements.namedItem(name));
    showProblem(problem, error);
    if (known.length > 0) showErrors(form, Object.fromEntries(known.map(([name]) => [name, t(`field.${name}`)])));
  }
}

function emailField() {
  return field(t("sign_in.email"), h("input", { type: "email", name: "email", autocomplete: "username", inputmode: "email", dir: "ltr" }));
}

/** @param {string} autocomplete @param {string} [hint] */
function passwordField(autocomplete, hint) {
  return field(t("sign_in.password"), h("input", { type: "password", name: "password", autocomplete, dir: "ltr" }), hint);
}

/** @param {Record<string, string>} values @param {string[]} names */
function required(values, names) {
  return Object.fromEntries(names.filter((name) => !values[name]?.trim()).map((name) => [name, t(`field.${name}`)]));
}
