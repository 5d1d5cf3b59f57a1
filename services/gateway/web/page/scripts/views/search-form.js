/** The form of the search: text, kind of care, place, radius, order. */

import { categories } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { distance } from "../format.js";
import { named, t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { field, select } from "../parts/fields.js";
import { icon } from "../parts/icons.js";
import { notice } from "../parts/notice.js";
import { PLACES } from "../places.js";
import { ANYWHERE, HERE, RADII_KM, SORTS } from "../search-query.js";
import { askWhereabouts } from "../whereabouts.js";

/**
 * @param {import("../search-query.js").Wanted} wanted
 * @param {AbortSignal} signal
 * @param {(chosen: import("../search-query.js").Wanted) => void} submit
 */
export function searchForm(wanted, signal, submit) {
  const controls = {
    q: h("input", { type: "search", name: "q", value: wanted.q, maxlength: 200, placeholder: t("search.text_example"), autocomplete: "off", enterkeyhint: "search" }),
    category: select("category", [["", t("search.any_category")]], wanted.category),
    place: select("place", placeOptions(), wanted.place),
    radius: select("radius", RADII_KM.map((km) => [String(km), t("search.within", { distance: distance(km) })]), wanted.radius),
    sort: select("sort", SORTS.map((sort) => [sort, t(`sort.${sort}`)]), wanted.sort),
  };
  const problem = h("div", { role: "alert" });
  const form = h(
    "form",
    { class: "search-form panel", role: "search" },
    field(t("search.text"), controls.q),
    field(t("search.category"), controls.category),
    field(t("search.place"), controls.place),
    field(t("search.radius"), controls.radius),
    field(t("search.sort"), controls.sort),
    h("button", { type: "submit", class: "button" }, icon("search"), t("search.submit")),
    problem,
  );
  const read = () => /** @type {any} */ (Object.fromEntries(new FormData(form)));
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    submit(read());
  });
  controls.place.addEventListener("change", () => void chosePlace(controls.place, wanted.place, problem));
  // The order is of what is shown already: it needs no button.
  controls.sort.addEventListener("change", () => submit(read()));
  void offerCategories(controls.category, wanted.category, signal);
  return form;
}

/** @returns {[string, string][]} */
function placeOptions() {
  const cities = PLACES.map((place) => /** @type {[string, string]} */ ([place.slug, named(place.name)]));
  return [...cities, [HERE, t("search.here")], [ANYWHERE, t("search.anywhere")]];
}

/** @param {HTMLSelectElement} control @param {string} before @param {Element} problem */
async function chosePlace(control, before, problem) {
  fill(problem);
  if (control.value !== HERE) return;
  try {
    await askWhereabouts();
    announce(t("search.here_known"));
  } catch {
    control.value = before === HERE ? PLACES[0].slug : before;
    fill(problem, notice("warn", t("search.here_unknown")));
  }
}

/** @param {HTMLSelectElement} control @param {string} chosen @param {AbortSignal} signal */
async function offerCategories(control, chosen, signal) {
  // Without them the search works all the same.
  const found = await categories().catch(() => []);
  if (signal.aborted) return;
  control.append(...found.map(({ slug, name }) => h("option", { value: slug, selected: slug === chosen }, named(name))));
  control.value = chosen;
}
