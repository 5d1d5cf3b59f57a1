/** Finding care: what is wanted, and a list of who offers it. */

import { search, termsOf } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { t } from "../language.js";
import { announce } from "../parts/announcer.js";
import { whileBusy } from "../parts/buttons.js";
import { showProblem } from "../parts/notice.js";
import { skeletonCards } from "../parts/skeletons.js";
import { unlessAborted } from "../problem.js";
import { go, link } from "../router.js";
import { apiQuery, readQuery } from "../search-query.js";
import { providerCard, servicesShown } from "./provider-card.js";
import { searchForm } from "./search-form.js";

const PAGE = 12;

/** @param {import("../router.js").Place} place */
export async function searchView(place) {
  const wanted = readQuery(place.query);
  place.setTitle(t("title.search"));
  const results = h("section", { "aria-labelledby": "results-title", class: "stack" });
  place.outlet.append(
    h(
      "div",
      { class: "stack-wide" },
      h("div", { class: "hero stack-tight" }, h("h1", {}, t("search.title")), h("p", { class: "soft lead" }, t("search.lead"))),
      searchForm(wanted, place.signal, (chosen) => go(link("/", chosen))),
      results,
    ),
  );
  await showResults(results, wanted, place.signal);
}

/** @param {HTMLElement} section @param {import("../search-query.js").Wanted} wanted @param {AbortSignal} signal */
async function showResults(section, wanted, signal) {
  const title = h("h2", { id: "results-title" }, t("search.results"));
  const place = h("div", { class: "stack" }, skeletonCards(3));
  fill(section, title, place);
  try {
    const found = await search({ ...apiQuery(wanted), limit: PAGE }, signal);
    if (found.providers.length === 0) {
      fill(place, nobody());
      announce(t("search.nobody"));
      return;
    }
    const list = h("ul", { class: "cards" });
    const more = h("div", { class: "row more" });
    fill(place, list, more);
    showPage(list, more, found, wanted, signal);
  } catch (error) {
    fill(place, h("div", { role: "alert" }));
    showProblem(/** @type {Element} */ (place.firstElementChild), error, () => void showResults(section, wanted, signal));
  }
}

/** @param {HTMLElement} list @param {HTMLElement} more @param {Awaited<ReturnType<typeof search>>} found @param {import("../search-query.js").Wanted} wanted @param {AbortSignal} signal */
function showPage(list, more, found, wanted, signal) {
  const before = list.children.length;
  const cards = found.providers.map((provider) => providerCard(provider, wanted.place));
  list.append(...cards.map(({ element }) => h("li", {}, element)));
  // Whether they ask first is another service's to say: the list does not wait for it.
  void termsOf(found.providers.flatMap(servicesShown), signal).then((terms) => cards.forEach(({ say }) => say(terms)), unlessAborted);
  announce(t("search.shown", { count: list.children.length }));
  if (before > 0) /** @type {HTMLElement | null} */ (list.children[before].querySelector("a"))?.focus();
  if (!found.next) {
    fill(more, h("p", { class: "soft" }, t("search.end", { count: list.children.length })));
    return;
  }
  const problem = h("div", { role: "alert" });
  const button = h("button", { type: "button", class: "button button-quiet" }, t("search.more"));
  button.addEventListener("click", () =>
    whileBusy(button, t("state.loading"), async () => {
      try {
        showPage(list, more, await search({ ...apiQuery(wanted), limit: PAGE, cursor: found.next }, signal), wanted, signal);
      } catch (error) {
        showProblem(problem, error);
      }
    }),
  );
  fill(more, button, problem);
}

function nobody() {
  return h(
    "div",
    { class: "empty" },
    h("h3", {}, t("search.nobody")),
    h("p", { class: "soft measure" }, t("search.nobody_hint")),
    h("a", { class: "button button-quiet", href: link("/") }, t("search.begin_anew")),
  );
}
