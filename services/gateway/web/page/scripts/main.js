/** Puts the page together. */

import { fill } from "./elements.js";
import { t } from "./language.js";
import { announce } from "./parts/announcer.js";
import { drawFrame } from "./parts/frame.js";
import { skeletonPage } from "./parts/skeletons.js";
import { here, link, onPlace, otherwise, refresh, route, start } from "./router.js";
import { onSession, restore, user } from "./session.js";
import { bookingView } from "./views/booking.js";
import { bookingsView } from "./views/bookings.js";
import { dayView } from "./views/day.js";
import { moveView } from "./views/move.js";
import { notFoundView } from "./views/not-found.js";
import { providerView } from "./views/provider.js";
import { receiptView } from "./views/receipt.js";
import { searchView } from "./views/search.js";
import { seriesNewView } from "./views/series-new.js";
import { seriesView } from "./views/series.js";
import { registerView, signInView } from "./views/sign-in.js";
import { visitView } from "./views/visit.js";

route("/", "search", searchView);
route("/providers/:id", "provider", providerView);
route("/sign-in", "sign-in", signInView);
route("/register", "register", registerView);
route("/bookings", "bookings", bookingsView);
route("/bookings/:id", "booking", bookingView);
route("/bookings/:id/move", "move", moveView);
route("/series/new", "series-new", seriesNewView);
route("/series/:id", "series", seriesView);
route("/day", "day", dayView);
route("/day/:id", "visit", visitView);
route("/receipts/:id", "receipt", receiptView);
otherwise(notFoundView);

let isStarted = false;

onPlace(drawFrame);
onSession((change) => {
  if (change !== "renewed") drawFrame();
  // One that had ended before the page came: what is open to all needs none, and the rest asks for it.
  if (change !== "ended" || !isStarted || here().startsWith("#/sign-in")) return;
  announce(t("problem.session_ended"));
  location.hash = link("/sign-in", { next: here(), ended: "yes" });
});

/** @type {HTMLElement} */ (document.getElementById("skip")).addEventListener("click", (event) => {
  // `#main` would be an address of ours.
  event.preventDefault();
  document.getElementById("main")?.focus();
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawFrame());
addEventListener("offline", () => announce(t("problem.offline")));
addEventListener("online", () => void comeBack());

// Back from the page of another payment provider, which keeps no fragment.
const paidFor = new URLSearchParams(location.search).get("booking");
if (paidFor && !location.hash) history.replaceState(null, "", `${location.pathname}${link(`/bookings/${paidFor}`)}`);

drawFrame();
fill(/** @type {HTMLElement} */ (document.getElementById("main")), skeletonPage());
await restore();
isStarted = true;
start();

/** The session that could not be gone on with while the line was down. */
async function comeBack() {
  if (user()) return;
  await restore();
  if (user()) refresh();
}
