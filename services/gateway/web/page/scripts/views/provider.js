/** A provider's profile: who they are, what they offer, when they are free, what others say. */

import { provider } from "../catalogue.js";
import { fill, h } from "../elements.js";
import { named, t } from "../language.js";
import { icon } from "../parts/icons.js";
import { monogram } from "../parts/monogram.js";
import { showProblem } from "../parts/notice.js";
import { skeletonPage } from "../parts/skeletons.js";
import { link } from "../router.js";
import { pointOf } from "../search-query.js";
import { picker } from "./picker.js";
import { providerFacts } from "./provider-card.js";
import { reviewsSection } from "./reviews.js";

/** @param {import("../router.js").Place} place */
export async function providerView(place) {
  place.setTitle(t("title.provider"));
  fill(place.outlet, skeletonPage());
  const from = place.query.get("from") ?? "";
  try {
    const found = await provider(place.params.id, pointOf(from), place.signal);
    place.setTitle(t("title.named", { name: named(found.name) }));
    fill(
      place.outlet,
      h(
        "div",
        { class: "stack-wide" },
        h("p", {}, h("a", { class: "back", href: link("/", from ? { place: from } : {}) }, icon("back"), t("provider.back"))),
        head(found),
        picker(found, place),
        reviewsSection(found.providerId, place.signal),
      ),
    );
  } catch (error) {
    fill(place.outlet, h("div", { role: "alert" }));
    showProblem(/** @type {Element} */ (place.outlet.firstElementChild), error, () => void providerView(place));
  }
}

/** @param {import("../catalogue.js").Provider} found */
function head(found) {
  return h(
    "header",
    { class: "provider-head" },
    monogram(found),
    h(
      "div",
      { class: "stack-tight" },
      h("h1", {}, named(found.name)),
      providerFacts(found),
      h("p", { class: "measure" }, named(found.about)),
    ),
  );
}
