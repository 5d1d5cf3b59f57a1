/** The chosen time: what it is, what it costs, and holding it. */

import { fill, h } from "../elements.js";
import { day, duration, money, moment, ownMoment, readsAnotherClock, time, zoneName } from "../format.js";
import { Intention } from "../intention.js";
import { named, t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { workButton } from "../parts/buttons.js";
import { field } from "../parts/fields.js";
import { notice, showProblem } from "../parts/notice.js";
import { Problem } from "../problem.js";
import { go, link } from "../router.js";
import { isCustomer, user } from "../session.js";

/** @typedef {import("../catalogue.js").Slot} Slot */

/**
 * @param {{provider: import("../catalogue.js").Provider, service: import("../catalogue.js").Service, slot: Slot | null,
 *   address: string, draft: {notes: string}, signal: AbortSignal, onAlternative: (slot: Slot) => void}} wanted
 */
export function holdPanel(wanted) {
  const problem = h("div", { role: "alert" });
  const element = h("div", { class: "panel stack" });
  let isHolding = false;

  /** Somebody was faster; these are free. @param {Slot[]} next */
  const showTaken = (next) => {
    if (isHolding) return;
    fill(element, heading(), taken(wanted, next));
    announce(t("hold.taken"));
  };

  if (!wanted.slot) {
    fill(element, heading(), h("p", { class: "soft" }, t("hold.choose")));
    return { element, showTaken };
  }

  const notes = h("textarea", { name: "notes", maxlength: 2000, rows: 2, value: wanted.draft.notes });
  notes.addEventListener("input", () => {
    wanted.draft.notes = notes.value;
  });
  const intention = new Intention();
  const hold = workButton(
    t("hold.submit"),
    "button button-wide",
    async () => {
      isHolding = true;
      fill(problem);
      try {
        const { data } = await intention.carryOut("customer/bookings", bodyOf(wanted, notes.value), wanted.signal);
        go(link(`/bookings/${data.bookingId}`));
      } catch (error) {
        isHolding = false;
        if (error instanceof Problem && error.code === "slot_taken") showTaken(error.details.alternatives ?? []);
        else showProblem(problem, error);
      }
    },
    t("hold.working"),
  );
  fill(element, heading(), summary(wanted.provider, wanted.service, wanted.slot), ...ways(wanted.address, notes, hold), problem);
  return { element, showTaken };
}

function heading() {
  return h("h2", {}, t("hold.title"));
}

/** Signing in first, or holding. @param {string} address @param {HTMLElement} notes @param {HTMLElement} hold */
function ways(address, notes, hold) {
  if (!user()) {
    return [
      h("a", { class: "button button-wide", href: link("/sign-in", { next: address }) }, t("hold.sign_in")),
      h("p", { class: "soft small" }, t("hold.sign_in_hint")),
    ];
  }
  if (!isCustomer()) return [notice("warn", t("hold.not_a_customer"))];
  return [field(t("hold.notes"), notes), hold, h("p", { class: "soft small" }, t("hold.hint"))];
}

/** @param {import("../catalogue.js").Provider} provider @param {import("../catalogue.js").Service} service @param {Slot} slot */
function summary(provider, service, slot) {
  const zone = provider.timeZone;
  return h(
    "dl",
    { class: "facts" },
    ...fact(t("fact.service"), `${named(service.name)}, ${duration(service.durationMinutes)}`),
    ...fact(t("fact.day"), day(slot.startsAt, zone)),
    ...fact(t("fact.time"), h("bdi", { class: "numbers" }, time(slot.startsAt, zone)), h("span", { class: "soft small block" }, zoneName(zone, slot.startsAt))),
    ...(readsAnotherClock(slot.startsAt, zone) ? fact(t("fact.your_clock"), ownMoment(slot.startsAt)) : []),
    ...fact(t("fact.price"), h("span", { class: "numbers" }, money(service.listPrice))),
  );
}

/** @param {string} name @param {...any} value */
function fact(name, ...value) {
  return [h("dt", {}, name), h("dd", {}, ...value)];
}

/** @param {Parameters<typeof holdPanel>[0]} wanted @param {Slot[]} next */
function taken({ provider, onAlternative }, next) {
  return h(
    "div",
    { class: "stack" },
    notice("warn", h("p", { class: "strong" }, t("hold.taken")), h("p", {}, next.length > 0 ? t("hold.alternatives") : t("hold.no_alternatives"))),
    next.length > 0 &&
      h(
        "ul",
        { class: "stack-tight", "data-alternatives": true },
        next.map((slot) =>
          h("li", {}, h("button", { type: "button", class: "button button-quiet button-wide", onclick: () => onAlternative(slot) }, moment(slot.startsAt, provider.timeZone))),
        ),
      ),
  );
}

/** @param {Parameters<typeof holdPanel>[0]} wanted @param {string} notes */
function bodyOf({ provider, service, slot }, notes) {
  const chosen = /** @type {Slot} */ (slot);
  return {
    providerId: provider.providerId,
    serviceId: service.serviceId,
    bookingDate: chosen.localDate,
    startTime: chosen.localTime,
    utcOffset: chosen.utcOffset,
    ...(notes.trim() ? { notes: notes.trim() } : {}),
  };
}
