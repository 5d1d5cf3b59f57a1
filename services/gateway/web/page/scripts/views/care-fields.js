/** Who receives the care, where, and what the carer should know: the part of a form that every way to book shares. */

import { fill, h } from "../elements.js";
import { t } from "../language.js";
import { workButton } from "../parts/buttons.js";
import { field, select } from "../parts/fields.js";
import { askPosition } from "../whereabouts.js";

/** @typedef {import("../draft.js").Draft} Draft @typedef {import("../catalogue.js").Terms | undefined} MaybeTerms */

const MOST_LINES = 5;
const HOME = "customer";
const EARLIEST_BIRTH = 1900;
/** Five decimals are a metre: finer than any device knows. */
const DIGITS = 5;

/**
 * Fields that write into the draft as they are filled in.
 * @param {Draft} draft
 * @param {MaybeTerms} terms
 */
export function careFields(draft, terms) {
  const places = terms?.places ?? [];
  const home = h("fieldset", { class: "stack care-part" });
  const showHome = () => {
    home.hidden = placeOf(draft, terms) !== HOME;
    if (!home.hidden && !home.firstChild) fill(home, h("legend", { class: "legend" }, t("care.address")), h("div", { class: "stack" }, ...addressFields(draft)));
  };
  const recipient = h("fieldset", { class: "stack care-part" });
  const showRecipient = () => {
    recipient.hidden = !draft.isForAnother;
    if (!recipient.hidden && !recipient.firstChild) fill(recipient, h("legend", { class: "legend" }, t("care.recipient")), h("div", { class: "stack" }, ...recipientFields(draft)));
  };
  const isForAnother = h("input", { type: "checkbox", name: "isForAnother", checked: draft.isForAnother });
  isForAnother.addEventListener("change", () => {
    draft.isForAnother = isForAnother.checked;
    showRecipient();
  });
  const where = places.length > 1 ? select("where", places.map((place) => [place, t(`place.${place}`)]), placeOf(draft, terms) ?? "") : null;
  where?.addEventListener("change", () => {
    draft.where = where.value;
    showHome();
  });
  showHome();
  showRecipient();
  return [
    where && field(t("care.where"), where),
    home,
    h("label", { class: "tick" }, isForAnother, h("span", {}, t("care.for_another"))),
    recipient,
    field(t("hold.notes"), text("textarea", draft, "notes", { maxlength: 2000, rows: 2 })),
  ];
}

/** Where the visit will be: as chosen, or the first that is offered. @param {Draft} draft @param {MaybeTerms} terms */
export function placeOf(draft, terms) {
  const places = /** @type {string[]} */ (terms?.places ?? []);
  return places.includes(draft.where) ? draft.where : places[0];
}

/** What is missing, by the control's name. @param {Draft} draft @param {MaybeTerms} terms @returns {Record<string, string>} */
export function careErrors(draft, terms) {
  /** @type {Record<string, string>} */
  const errors = {};
  if (draft.isForAnother && !draft.name.trim()) errors.name = t("field.name_of_recipient");
  if (draft.isForAnother && draft.birthYear && !isYear(draft.birthYear)) errors.birthYear = t("field.birth_year");
  if (draft.isForAnother && draft.phone && !/^\+?[0-9 ()./-]{4,30}$/.test(draft.phone.trim())) errors.phone = t("field.phone");
  if (placeOf(draft, terms) !== HOME) return errors;
  if (linesOf(draft).length === 0 || linesOf(draft).length > MOST_LINES) errors.lines = t("field.lines");
  if (!draft.city.trim()) errors.city = t("field.city");
  if (!isWithin(draft.latitude, 90)) errors.latitude = t("field.point");
  if (!isWithin(draft.longitude, 180)) errors.longitude = t("field.point");
  return errors;
}

/** As the API wants it; what was not said is left out. @param {Draft} draft @param {MaybeTerms} terms */
export function careOf(draft, terms) {
  const place = placeOf(draft, terms);
  const optional = (/** @type {string} */ value) => value.trim() || null;
  return {
    ...(draft.notes.trim() ? { notes: draft.notes.trim() } : {}),
    ...(place ? { place } : {}),
    ...(draft.isForAnother && {
      recipient: {
        name: draft.name.trim(), relation: optional(draft.relation), birthYear: draft.birthYear ? Number(draft.birthYear) : null,
        phone: optional(draft.phone), notes: optional(draft.carerNotes),
      },
    }),
    ...(place === HOME && { address: { lines: linesOf(draft), city: draft.city.trim(), ...pointOf(draft) } }),
  };
}

/** The point of a home visit once it is known. @param {Draft} draft */
function pointOf(draft) {
  return { latitude: Number(draft.latitude), longitude: Number(draft.longitude) };
}

/** @param {Draft} draft */
function recipientFields(draft) {
  return [
    field(t("care.name"), text("input", draft, "name", { maxlength: 200, autocomplete: "off" })),
    h(
      "div",
      { class: "pair" },
      field(t("care.relation"), text("input", draft, "relation", { maxlength: 100, autocomplete: "off" })),
      field(t("care.birth_year"), text("input", draft, "birthYear", { inputmode: "numeric", maxlength: 4, autocomplete: "off" })),
    ),
    field(t("care.phone"), text("input", draft, "phone", { type: "tel", maxlength: 31, autocomplete: "off", dir: "ltr" })),
    field(t("care.carer_notes"), text("textarea", draft, "carerNotes", { maxlength: 2000, rows: 2 })),
  ];
}

/** @param {Draft} draft */
function addressFields(draft) {
  const latitude = text("input", draft, "latitude", { inputmode: "decimal", dir: "ltr", autocomplete: "off" });
  const longitude = text("input", draft, "longitude", { inputmode: "decimal", dir: "ltr", autocomplete: "off" });
  const said = h("p", { class: "field-hint", role: "status" });
  const ask = workButton(
    t("care.here"),
    "button button-quiet",
    async () => {
      try {
        const found = await askPosition();
        draft.latitude = latitude.value = found.latitude.toFixed(DIGITS);
        draft.longitude = longitude.value = found.longitude.toFixed(DIGITS);
        fill(said, t("care.here_known"));
      } catch {
        fill(said, t("care.here_unknown"));
      }
    },
    t("state.working"),
  );
  return [
    field(t("care.lines"), text("textarea", draft, "lines", { maxlength: 1000, rows: 2, autocomplete: "street-address" }), t("care.lines_hint")),
    field(t("care.city"), text("input", draft, "city", { maxlength: 200, autocomplete: "address-level2" })),
    h("div", { class: "stack-tight" }, h("p", { class: "small soft" }, t("care.point_hint")), h("p", {}, ask), said),
    h("div", { class: "pair" }, field(t("care.latitude"), latitude), field(t("care.longitude"), longitude)),
  ];
}

/** A control that writes into the draft. @param {string} tag @param {Draft} draft @param {keyof Draft} name @param {Record<string, any>} attributes */
function text(tag, draft, name, attributes) {
  const control = h(tag, { name, value: draft[name], ...attributes });
  control.addEventListener("input", () => {
    /** @type {any} */ (draft)[name] = control.value;
  });
  return control;
}

/** @param {Draft} draft */
function linesOf(draft) {
  return draft.lines.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** @param {string} value @param {number} most */
function isWithin(value, most) {
  return value.trim() !== "" && Math.abs(Number(value)) <= most;
}

/** @param {string} value */
function isYear(value) {
  return /^\d{4}$/.test(value) && Number(value) >= EARLIEST_BIRTH && Number(value) <= new Date().getFullYear();
}
