/** A series before it is booked: every visit with what stands in its way, and what is to become of it. */

import { provider, termsOf } from "../catalogue.js";
import { draftFor, forgetDraft, hasDraftFor } from "../draft.js";
import { fill, h } from "../elements.js";
import { calendarDay, clockTime, money, time } from "../format.js";
import { Intention } from "../intention.js";
import { has, named, t } from "../language.js";
import { workButton } from "../parts/buttons.js";
import { icon } from "../parts/icons.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { skeletonPage } from "../parts/skeletons.js";
import { isAborted } from "../problem.js";
import { go, link, note, refresh } from "../router.js";
import { preview } from "../series.js";
import { asksFirstNotice } from "./asks-first.js";
import { careRows } from "./care-facts.js";
import { careOf } from "./care-fields.js";
import { ruleInWords } from "./rule-words.js";
import { signedInOnly } from "./signed-in-only.js";

/** @typedef {import("../series.js").Prospect} Prospect */
/** @typedef {{choice: string, startTime?: string, utcOffset?: string, bookingDate?: string}} Decision */

/** @param {import("../router.js").Place} place */
export async function seriesNewView(place) {
  place.setTitle(t("title.series_new"));
  if (signedInOnly(place)) return;
  const asked = {
    providerId: place.query.get("provider") ?? "", serviceId: place.query.get("service") ?? "",
    bookingDate: place.query.get("date") ?? "", startTime: place.query.get("time") ?? "", rule: place.query.get("rule") ?? "",
  };
  // Who receives the care, and where, was written there: without it the visits would be booked for somebody else.
  if (!hasDraftFor(asked.providerId)) {
    note(pickerOf(asked));
    refresh();
    return;
  }
  fill(place.outlet, skeletonPage());
  try {
    const [found, who, terms] = await Promise.all([
      preview(asked, place.signal), provider(asked.providerId, null, place.signal), termsOf([asked.serviceId], place.signal),
    ]);
    fill(place.outlet, new SeriesPage(asked, found, who, terms.get(asked.serviceId), place.signal).element);
  } catch (error) {
    fill(place.outlet, h("div", { role: "alert" }));
    showProblem(/** @type {Element} */ (place.outlet.firstElementChild), error, () => void seriesNewView(place));
  }
}

/** Where a time is chosen, and what the carer has to know is written. @param {{providerId: string, serviceId: string, bookingDate: string}} asked */
function pickerOf({ providerId, serviceId, bookingDate }) {
  return link(`/providers/${providerId}`, { service: serviceId, date: bookingDate });
}

class SeriesPage {
  /**
   * @param {{providerId: string, serviceId: string, bookingDate: string, startTime: string, rule: string}} asked
   * @param {import("../series.js").Preview} found
   * @param {import("../catalogue.js").Provider} who
   * @param {import("../catalogue.js").Terms | undefined} terms
   * @param {AbortSignal} signal
   */
  constructor(asked, found, who, terms, signal) {
    this.asked = asked;
    this.found = found;
    this.terms = terms;
    this.signal = signal;
    this.intention = new Intention();
    this.problem = noticePlace();
    /** @type {Map<string, Decision>} */
    this.decisions = new Map(found.instances.map((one) => [one.localDate, { choice: one.prospect === "free" ? "take" : "skip" }]));
    this.sum = h("p", { class: "strong", role: "status" });
    this.button = workButton("", "button button-wide", () => this.#create(), t("state.working"));
    this.element = h(
      "div",
      { class: "stack-wide" },
      h("p", {}, h("a", { class: "back", href: pickerOf(asked) }, icon("back"), t("series.back"))),
      h(
        "header",
        { class: "stack-tight" },
        h("h1", {}, t("title.series_new")),
        h("p", { class: "lead" }, named(found.serviceName), h("span", { class: "soft block" }, named(who.name))),
        h("p", {}, ruleInWords(asked.rule, asked.startTime)),
        h("p", { class: "soft small" }, t("series.look")),
        careShown(careOf(draftFor(asked.providerId), terms)),
      ),
      h("ol", { class: "instances" }, found.instances.map((one) => this.#item(one))),
      h("div", { class: "panel stack" }, asksFirstNotice(terms), this.sum, h("p", { class: "soft small" }, t("series.pay_hint")), this.problem, this.button),
    );
    this.#count();
  }

  /** @param {Prospect} one */
  #item(one) {
    const isFree = one.prospect === "free";
    return h(
      "li",
      { class: "instance panel", "data-prospect": one.prospect },
      h(
        "div",
        { class: "stack-tight" },
        h("span", { class: "strong" }, calendarDay(one.localDate).full),
        h("span", { class: "row" }, h("bdi", { class: "numbers" }, clockTime(one.localTime)), h("span", { class: isFree ? "pill pill-good" : "pill pill-warn" }, t(`prospect.${one.prospect}`))),
        !isFree && h("span", { class: "small soft" }, reasonOf(one)),
      ),
      this.#choice(one),
    );
  }

  /** @param {Prospect} one */
  #choice(one) {
    const skip = /** @type {[string, string]} */ (["skip", t("decision.skip")]);
    const others = one.alternatives.map((slot, number) => /** @type {[string, string]} */ ([String(number), t("decision.alternative", { time: time(slot.startsAt, this.found.timeZone) })]));
    const options = one.prospect === "free" ? [/** @type {[string, string]} */ (["take", t("decision.take")]), skip] : [skip, ...others];
    const control = h(
      "select",
      { "aria-label": t("decision.of", { day: calendarDay(one.localDate).full }), disabled: options.length === 1 },
      options.map(([value, text]) => h("option", { value }, text)),
    );
    control.addEventListener("change", () => {
      const slot = one.alternatives[Number(control.value)];
      const isOther = control.value !== "take" && control.value !== "skip";
      this.decisions.set(one.localDate, isOther ? { choice: "alternative", bookingDate: slot.localDate, startTime: slot.localTime, utcOffset: slot.utcOffset } : { choice: control.value });
      this.#count();
    });
    return h("div", { class: "field instance-choice" }, control);
  }

  #count() {
    const count = [...this.decisions.values()].filter(({ choice }) => choice !== "skip").length;
    const { amount, currency } = this.found.price;
    fill(this.sum, t("series.sum", { count, amount: money({ amount, currency }) }));
    fill(this.button, t("series.hold", { count }));
    this.button.disabled = count === 0;
  }

  async #create() {
    fill(this.problem);
    const decisions = [...this.decisions].map(([localDate, decision]) => ({ localDate, ...decision }));
    const body = { ...this.asked, ...careOf(draftFor(this.asked.providerId), this.terms), decisions };
    try {
      const { data } = await this.intention.carryOut("customer/series", body, this.signal);
      forgetDraft();
      go(link(`/series/${data.seriesId}`));
    } catch (error) {
      if (!isAborted(error)) showProblem(this.problem, error);
    }
  }
}

/** For whom and where all of them will be: as it will be sent. @param {any} care */
function careShown(care) {
  const rows = [
    !care.recipient && [t("care.recipient"), t("care.yourself")],
    care.place === "provider" && [t("care.where"), t("place.provider")],
    ...careRows(care),
  ];
  return h("dl", { class: "facts" }, rows.flatMap((row) => (row ? [h("dt", {}, row[0]), h("dd", {}, ...row.slice(1))] : [])));
}

/** Why it is not free, and what there is instead. @param {Prospect} one */
function reasonOf({ prospect, code, nextExisting, alternatives }) {
  if (prospect === "time_does_not_exist" && nextExisting) return t("prospect.next_existing", { time: clockTime(nextExisting) });
  const why = code && has(`problem.${code}`) ? t(`problem.${code}`) : "";
  return alternatives.length > 0 ? t("prospect.others") : why;
}
