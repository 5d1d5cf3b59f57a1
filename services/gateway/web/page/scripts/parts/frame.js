/** What stands around every view: banner, header, footer. */

import { fill, h } from "../elements.js";
import { language, setLanguage, t } from "../language.js";
import { isTest, paymentMode } from "../payment-mode.js";
import { go, link, refresh } from "../router.js";
import { signOut, user, workplaces } from "../session.js";
import { switchTheme, theme } from "../theme.js";
import { icon } from "./icons.js";

/** @type {string} */
let current = "";

/** Draw the frame around a view of this name. @param {string} [name] */
export function drawFrame(name = current) {
  current = name;
  const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  place("skip").textContent = t("frame.skip");
  fill(place("header"), header());
  fill(place("footer"), footer());
  void drawBanner(place("banner"));
}

function header() {
  const mark = document.querySelector('link[rel="icon"]')?.getAttribute("href") ?? "";
  return h(
    "div",
    { class: "site-header-inner" },
    h("a", { class: "brand", href: link("/") }, h("img", { src: mark, alt: "", width: 32, height: 32 }), t("frame.brand")),
    h("nav", { class: "site-nav", "aria-label": t("frame.nav") }, h("ul", {}, ...links())),
    h("div", { class: "site-tools" }, languageButton(), themeButton()),
  );
}

function links() {
  const item = (/** @type {string} */ name, /** @type {string} */ path, /** @type {string} */ text, style = "") =>
    h("li", { class: style || null }, h("a", { href: link(path), "aria-current": current === name ? "page" : null }, text));
  const who = user();
  if (!who) return [item("search", "/", t("nav.find")), item("sign-in", "/sign-in", t("nav.sign_in"), "pushed")];
  return [
    item("search", "/", t("nav.find")),
    item("bookings", "/bookings", t("nav.bookings")),
    ...(workplaces().length > 0 ? [item("day", "/day", t("nav.day"))] : []),
    h("li", { class: "pushed" }, h("button", { type: "button", class: "icon-button", onclick: leave }, t("nav.sign_out"), h("span", { class: "unseen" }, who.name))),
  ];
}

function leave() {
  // What is somebody's own goes from the screen at once, whatever the line does.
  void signOut();
  go("#/");
}

function languageButton() {
  const other = language() === "ar" ? "en" : "ar";
  const name = other === "ar" ? "العربية" : "English";
  return h(
    "button",
    {
      type: "button",
      class: "icon-button",
      lang: other,
      onclick: () => {
        setLanguage(other);
        drawFrame();
        refresh();
        /** @type {HTMLElement | null} */ (document.querySelector(".site-tools button"))?.focus();
      },
    },
    name,
  );
}

function themeButton() {
  const isDark = theme() === "dark";
  const button = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": t(isDark ? "frame.to_light" : "frame.to_dark"),
      onclick: () => {
        switchTheme();
        const drawn = themeButton();
        button.replaceWith(drawn);
        drawn.focus();
      },
    },
    icon(isDark ? "sun" : "moon"),
  );
  return button;
}

function footer() {
  return h(
    "div",
    { class: "site-footer-inner" },
    h("p", {}, t("frame.promise")),
    h("p", {}, h("a", { href: "/api/docs/" }, t("frame.api"))),
  );
}

/** @param {HTMLElement} place */
async function drawBanner(place) {
  const mode = await paymentMode();
  fill(place, isTest(mode) && h("p", { class: "test-banner" }, t(mode === "stand-in" ? "frame.test" : "frame.sandbox")));
}
