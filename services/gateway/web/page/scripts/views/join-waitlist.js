/** Waiting for a time to get free: whoever joins is offered it first, for a while, before others. */

import { draftFor, forgetDraft } from "../draft.js";
import { fill, h } from "../elements.js";
import { calendarDay } from "../format.js";
import { Intention } from "../intention.js";
import { named, t } from "../language.js";
import { whileBusy } from "../parts/buttons.js";
import { openDialog } from "../parts/dialog.js";
import { clearErrors, field, showErrors } from "../parts/fields.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { Problem } from "../problem.js";
import { link } from "../router.js";
import { isCustomer, user } from "../session.js";
import { careErrors, careFields, careOf } from "./care-fields.js";

/** @typedef {{provider: import("../catalogue.js").Provider, service: import("../catalogue.js").Service, date: string,
 *   terms: import("../catalogue.js").Terms | undefined, address: string, signal: AbortSignal}} Wanted */

/** A way into the line of this day, for those who find no time that fits. @param {Wanted} wanted */
export function waitlistOffer(wanted) {
  if (user() && !isCustomer()) return null;
  const place = h("div", { role: "status" });
  const join = () => openDialog(t("waitlist.title"), (close) => [new JoinForm(wanted, place, close).element], wanted.signal);
  return h(
    "div",
    { class: "waitlist-offer stack-tight" },
    h("p", { class: "small soft" }, t("waitlist.none_fits")),
    user()
      ? h("p", {}, h("button", { type: "button", class: "button button-quiet", onclick: () => void join() }, t("waitlist.open")))
      : h("p", {}, h("a", { href: link("/sign-in", { next: wanted.address }) }, t("waitlist.sign_in"))),
    place,
  );
}

class JoinForm {
  /** @param {Wanted} wanted @param {Element} place where it is said that the reader waits @param {() => void} close */
  constructor(wanted, place, close) {
    this.wanted = wanted;
    this.place = place;
    this.close = close;
    this.draft = draftFor(wanted.provider.providerId);
    this.intention = new Intention();
    this.problem = noticePlace();
    this.from = h("input", { type: "time", name: "from" });
    this.to = h("input", { type: "time", name: "to" });
    this.button = h("button", { type: "submit", class: "button button-wide" }, t("waitlist.submit"));
    this.element = h(
      "form",
      { class: "stack", novalidate: true },
      h("p", {}, t("waitlist.of", { service: named(wanted.service.name), day: calendarDay(wanted.date).full })),
      h("p", { class: "soft small" }, t("waitlist.hint")),
      h("div", { class: "pair" }, field(t("waitlist.from"), this.from), field(t("waitlist.to"), this.to)),
      ...careFields(this.draft, wanted.terms),
      this.problem,
      h("div", { class: "stack-tight" }, this.button, h("button", { type: "button", class: "button button-quiet button-wide", onclick: close }, t("action.close"))),
    );
    this.element.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #submit() {
    fill(this.problem);
    clearErrors(this.element);
    const errors = careErrors(this.draft, this.wanted.terms);
    if (Object.keys(errors).length > 0) showErrors(this.element, errors);
    else void whileBusy(this.button, t("state.working"), () => this.#join());
  }

  async #join() {
    const { provider, service, date, terms, signal } = this.wanted;
    const body = {
      providerId: provider.providerId, serviceId: service.serviceId, date, from: this.from.value || null, to: this.to.value || null,
      ...careOf(this.draft, terms),
    };
    try {
      await this.intention.carryOut("customer/waitlist", body, signal);
      forgetDraft();
      this.close();
      fill(this.place, notice("good", t("waitlist.joined"), h("p", {}, h("a", { href: link("/bookings") }, t("waitlist.look")))));
    } catch (error) {
      showProblem(this.problem, error);
      // Whether a night service's hours go on past midnight, so that the last may come before the first, booking knows.
      if (error instanceof Problem && error.errors.to) showErrors(this.element, { to: t("field.to") });
    }
  }
}
