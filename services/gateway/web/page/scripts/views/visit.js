/** One visit for who does it: whom, where, what was noted, and what is said of it: begun, done, nobody came. */

import { booking } from "../bookings.js";
import { fill, h } from "../elements.js";
import { day, duration, moment, time, zoneName } from "../format.js";
import { Intention } from "../intention.js";
import { named, t } from "../language.js";
import { whileBusy } from "../parts/buttons.js";
import { field } from "../parts/fields.js";
import { icon } from "../parts/icons.js";
import { notice, noticePlace, showProblem } from "../parts/notice.js";
import { skeletonPage } from "../parts/skeletons.js";
import { deadlineOf, statePills } from "../parts/state-pill.js";
import { isAborted } from "../problem.js";
import { oneAtATime } from "../reading.js";
import { watchBookings } from "../realtime.js";
import { link } from "../router.js";
import { serverClock } from "../server-clock.js";
import { workplaces } from "../session.js";
import { CHECK_IN_BEFORE_MS, GRACE_MS } from "../visits.js";
import { askPosition } from "../whereabouts.js";
import { answerButtons, deedButton, reasonButton } from "./answer.js";
import { careRows } from "./care-facts.js";
import { signedInOnly } from "./signed-in-only.js";

/** @typedef {import("../bookings.js").BookingDetail} Detail */

/** How often it is looked whether the time for a deed has come. */
const LOOK_MS = 15_000;
const NOTABLE = new Set(["confirmed", "in_progress", "completed", "no_show"]);

/** What a customer reads of a visit in other words, or what stands in a field here. */
const SAID_OTHERWISE = ["care.where", "fact.notes", "fact.provider_notes"];

/** @param {import("../router.js").Place} place */
export async function visitView(place) {
  place.setTitle(t("title.visit"));
  if (signedInOnly(place)) return;
  fill(place.outlet, skeletonPage());
  await new VisitPage(place).begin();
}

class VisitPage {
  /** @param {import("../router.js").Place} place */
  constructor(place) {
    this.place = place;
    this.signal = place.signal;
    /** @type {Detail | null} */
    this.visit = null;
    this.can = "";
    this.head = h("div", { class: "stack" });
    this.deeds = h("div", { class: "stack" });
    this.facts = h("div", {});
    this.said = h("div", { role: "status" });
    /** @type {HTMLElement | undefined} */
    this.noting = undefined;
    this.read = oneAtATime(() => this.#read());
  }

  async begin() {
    await this.read();
    watchBookings(({ data }) => (!data.bookingId || data.bookingId === this.place.params.id) && void this.read(), this.signal);
    const timer = setInterval(() => this.#showDeeds(), LOOK_MS);
    this.signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  async #read() {
    const { params, outlet } = this.place;
    try {
      const found = await booking(params.id, this.signal);
      if (this.visit && found.version < this.visit.version) return;
      const isNew = !this.visit;
      const isNews = this.visit?.version !== found.version;
      const wasDeed = this.deeds.contains(document.activeElement);
      this.visit = found;
      if (isNew) this.#lay();
      if (isNews) this.#show(found, wasDeed && !isNew);
    } catch (error) {
      if (this.visit) {
        if (!this.signal.aborted) console.warn(String(error));
        return;
      }
      fill(outlet, h("div", { role: "alert" }));
      showProblem(/** @type {Element} */ (outlet.firstElementChild), error, () => void this.read());
    }
  }

  #lay() {
    fill(
      this.place.outlet,
      h("p", {}, h("a", { class: "back", href: link("/day", { provider: this.visit?.providerId }) }, icon("back"), t("title.day"))),
      h("div", { class: "booking-layout" }, h("div", { class: "stack-wide" }, this.head, this.said, this.deeds), this.facts),
    );
  }

  /** @param {Detail} visit @param {boolean} takesFocus */
  #show(visit, takesFocus) {
    const title = h("h1", { tabindex: "-1" }, named(visit.serviceName));
    fill(this.head, statePills(visit), title, h("p", { class: "lead" }, moment(visit.startsAt, visit.timeZone)));
    this.can = "";
    this.#showDeeds();
    // What is being written stays, whatever comes.
    if (NOTABLE.has(visit.state)) this.noting ??= this.#notes(visit);
    fill(this.facts, h("div", { class: "stack" }, factsOf(visit), this.noting));
    if (takesFocus) title.focus();
  }

  /** What may be said now; drawn anew only when that is something else. */
  #showDeeds() {
    const visit = this.visit;
    if (!visit) return;
    const untilStart = serverClock.until(visit.startsAt);
    const isAgreed = visit.state === "confirmed";
    const can = [
      visit.pendingFor === "provider" && "answer",
      isAgreed && untilStart > CHECK_IN_BEFORE_MS && "wait",
      isAgreed && untilStart <= CHECK_IN_BEFORE_MS && "start",
      (visit.state === "in_progress" || isAgreed) && untilStart <= 0 && "complete",
      isAgreed && untilStart <= -GRACE_MS && "no-show",
      isAgreed && this.#isOwner() && "cancel",
    ].filter(Boolean).join(" ");
    if (can === this.can) return;
    this.can = can;
    fill(this.deeds, can.split(" ").flatMap((deed) => this.#deed(visit, deed)));
  }

  /** @param {Detail} visit @param {string} deed @returns {any[]} */
  #deed(visit, deed) {
    const done = () => this.read();
    if (deed === "answer") return [notice("warn", deadlineOf(visit, true), t("answer.hint")), answerButtons(visit, this.signal, done)];
    if (deed === "wait") return [notice("plain", t("visit.opens", { moment: moment(new Date(Date.parse(visit.startsAt) - CHECK_IN_BEFORE_MS).toISOString(), visit.timeZone) }))];
    if (deed === "start" || deed === "complete") {
      const style = deed === "complete" && visit.state === "confirmed" ? "button button-quiet" : "button";
      return [deedButton(visit, { deed, text: t(`visit.${deed}`), style, body: () => this.#position() }, this.signal, done), deed === "start" ? h("p", { class: "small soft" }, t("visit.position_hint")) : null];
    }
    if (deed === "no-show") return [deedButton(visit, { deed, text: t("visit.no_show"), style: "button button-bad" }, this.signal, done)];
    if (deed === "cancel") return [reasonButton(visit, "cancel", this.signal, done)];
    return [];
  }

  #isOwner() {
    return workplaces().some((one) => one.providerId === this.visit?.providerId && one.role === "owner");
  }

  /** Where the device is; without it the visit begins all the same, and that it is not known is said. */
  async #position() {
    fill(this.said);
    try {
      return { position: await askPosition() };
    } catch {
      fill(this.said, notice("plain", t("visit.no_position")));
      return {};
    }
  }

  /** @param {Detail} visit */
  #notes(visit) {
    const intention = new Intention();
    const problem = noticePlace();
    const said = h("p", { class: "small", role: "status" });
    const notes = h("textarea", { name: "providerNotes", maxlength: 2000, rows: 3, value: visit.providerNotes ?? "" });
    const button = h("button", { type: "submit", class: "button button-quiet" }, t("visit.save_notes"));
    const save = async () => {
      fill(problem);
      fill(said);
      try {
        await intention.carryOut(`provider/bookings/${visit.bookingId}`, { notes: notes.value.trim() || null }, this.signal, "PATCH");
        fill(said, t("visit.notes_saved"));
      } catch (error) {
        if (!isAborted(error)) showProblem(problem, error);
      }
    };
    const form = h("form", { class: "panel stack" }, field(t("visit.notes"), notes, t("visit.notes_hint")), problem, h("div", { class: "row" }, button, said));
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      void whileBusy(button, t("state.working"), save);
    });
    return form;
  }
}

/** @param {Detail} visit */
function factsOf(visit) {
  const { startsAt, endsAt, timeZone } = visit;
  const minutes = Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 60_000);
  const rows = [
    [t("fact.day"), day(startsAt, timeZone)],
    visit.place && visit.place !== "provider" && [t("care.where"), t(visit.place === "customer" ? "day.home_visit" : "place.online")],
    [
      t("fact.time"),
      h("bdi", { class: "numbers" }, t("format.range", { from: time(startsAt, timeZone), to: time(endsAt, timeZone) })),
      h("span", { class: "soft small block" }, `${duration(minutes)} · ${zoneName(timeZone, startsAt)}`),
    ],
    ...careRows(visit).filter((row) => row && !SAID_OTHERWISE.some((key) => row[0] === t(key))),
    visit.notes && [t("visit.customer_notes"), h("span", { dir: "auto", class: "written" }, visit.notes)],
  ];
  return h(
    "section",
    { class: "panel stack", "aria-labelledby": "details-title" },
    h("h2", { id: "details-title" }, t("visit.details")),
    h("dl", { class: "facts" }, rows.flatMap((row) => (row ? [h("dt", {}, row[0]), h("dd", {}, ...row.slice(1))] : []))),
  );
}
