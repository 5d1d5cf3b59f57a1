/** An address that leads nowhere. */

import { fill, h } from "../elements.js";
import { t } from "../language.js";
import { link } from "../router.js";

/** @param {import("../router.js").Place} place */
export function notFoundView(place) {
  place.setTitle(t("title.not_found"));
  fill(
    place.outlet,
    h("div", { class: "empty" }, h("h1", {}, t("title.not_found")), h("p", { class: "soft" }, t("not_found.hint")), h("a", { class: "button", href: link("/") }, t("nav.find"))),
  );
}
