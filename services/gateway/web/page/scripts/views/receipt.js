/** The receipt of a payment: its lines, what was given back, and Stripe's own where there is one. */

import { receipt } from "../bookings.js";
import { fill, h } from "../elements.js";
import { money, moment, shortDate } from "../format.js";
import { named, t } from "../language.js";
import { icon } from "../parts/icons.js";
import { notice, showProblem } from "../parts/notice.js";
import { skeletonPage } from "../parts/skeletons.js";
import { link } from "../router.js";
import { signedInOnly } from "./signed-in-only.js";

/** @param {import("../router.js").Place} place */
export async function receiptView(place) {
  place.setTitle(t("title.receipt"));
  if (signedInOnly(place)) return;
  fill(place.outlet, skeletonPage());
  try {
    const found = await receipt(place.params.id, place.signal);
    fill(
      place.outlet,
      h("p", { class: "no-print" }, h("a", { class: "back", href: link(`/bookings/${found.bookingId}`) }, icon("back"), t("receipt.back"))),
      paper(found),
    );
  } catch (error) {
    fill(place.outlet, h("div", { role: "alert" }));
    showProblem(/** @type {Element} */ (place.outlet.firstElementChild), error, () => void receiptView(place));
  }
}

/** @param {any} found */
function paper(found) {
  return h(
    "article",
    { class: "panel stack-wide receipt" },
    h("div", { class: "row-apart" }, h("h1", {}, t("title.receipt")), h("span", { class: "soft" }, shortDate(found.paidAt))),
    found.simulated && notice("warn", t("pay.no_money")),
    !found.captured && notice("plain", t("receipt.charged_later")),
    h(
      "dl",
      { class: "facts" },
      found.providerName && [h("dt", {}, t("fact.provider")), h("dd", {}, named(found.providerName))],
      [h("dt", {}, t("fact.service")), h("dd", {}, named(found.serviceName))],
      [h("dt", {}, t("fact.visit")), h("dd", {}, moment(found.startsAt, found.timeZone))],
      [h("dt", {}, t("receipt.number")), h("dd", {}, h("bdi", { class: "small numbers" }, found.paymentId))],
    ),
    sums(found),
    h(
      "div",
      { class: "row no-print" },
      h("button", { type: "button", class: "button button-quiet", onclick: () => print() }, t("receipt.print")),
      String(found.receiptUrl ?? "").startsWith("https://") && h("a", { class: "button button-quiet", href: found.receiptUrl, target: "_blank", rel: "noreferrer" }, t("receipt.stripe")),
    ),
  );
}

/** @param {any} found */
function sums(found) {
  const row = (/** @type {string} */ name, /** @type {any} */ amount, /** @type {string} */ style = "") =>
    h("tr", { class: style || null }, h("th", { scope: "row" }, name), h("td", {}, money(amount)));
  const isHeld = !found.captured || found.released.amount > 0;
  const hasRefund = found.refunded.amount > 0;
  return h(
    "table",
    { class: "sums" },
    h("caption", { class: "unseen" }, t("receipt.lines")),
    h(
      "tbody",
      {},
      found.lines.map((/** @type {any} */ line) => row(named(line.name), line.amount)),
      row(t(isHeld ? "receipt.held" : "receipt.paid"), found.paid, "total"),
      found.released.amount > 0 && row(t("receipt.released"), found.released),
      hasRefund && row(t("receipt.refunded"), found.refunded),
      (hasRefund || found.released.amount > 0) && row(t("receipt.kept"), found.kept, "total"),
    ),
  );
}
