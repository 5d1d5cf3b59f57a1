/** One provider in a list. */

import { fill, h } from "../elements.js";
import { distance, duration, money } from "../format.js";
import { named, t } from "../language.js";
import { monogram } from "../parts/monogram.js";
import { rating } from "../parts/rating.js";
import { cityName } from "../places.js";
import { link } from "../router.js";
import { asksFirstPill } from "./asks-first.js";

const SERVICES_SHOWN = 3;

/**
 * `say` adds what is told of its services later.
 * @param {import("../catalogue.js").Provider} provider
 * @param {string} from the place that distances are measured from
 */
export function providerCard(provider, from) {
  const shown = provider.services.slice(0, SERVICES_SHOWN).map((service) => ({ service, mark: h("span", {}) }));
  const say = (/** @type {Map<string, import("../catalogue.js").Terms>} */ terms) => {
    for (const { service, mark } of shown) fill(mark, asksFirstPill(terms.get(service.serviceId)));
  };
  return { element: card(provider, from, shown), say };
}

/** @param {import("../catalogue.js").Provider} provider */
export function servicesShown(provider) {
  return provider.services.slice(0, SERVICES_SHOWN).map(({ serviceId }) => serviceId);
}

/** @param {import("../catalogue.js").Provider} provider @param {string} from @param {{service: import("../catalogue.js").Service, mark: HTMLElement}[]} shown */
function card(provider, from, shown) {
  const rest = provider.services.length - SERVICES_SHOWN;
  return h(
    "article",
    { class: "card panel" },
    h(
      "div",
      { class: "card-head" },
      monogram(provider),
      h(
        "div",
        { class: "card-title" },
        h("h3", {}, h("a", { class: "card-link", href: link(`/providers/${provider.providerId}`, { from }) }, named(provider.name))),
        providerFacts(provider),
      ),
    ),
    h(
      "ul",
      { class: "card-services" },
      shown.map(({ service, mark }) =>
        h(
          "li",
          { class: "row-apart" },
          h("span", {}, named(service.name), " ", h("span", { class: "soft small" }, duration(service.durationMinutes)), " ", mark),
          h("span", { class: "numbers strong" }, money(service.listPrice)),
        ),
      ),
      rest > 0 && h("li", { class: "soft small" }, t("search.more_services", { count: rest })),
    ),
  );
}

/** City, distance and rating in one line. @param {import("../catalogue.js").Provider} provider */
export function providerFacts(provider) {
  return h(
    "p",
    { class: "provider-facts" },
    h("span", {}, named(cityName(provider.city))),
    provider.distanceKm !== null && h("span", { class: "numbers" }, t("provider.away", { distance: distance(provider.distanceKm) })),
    rating(provider.rating),
  );
}
