/** Views that are somebody's own ask strangers to sign in, and come back. */

import { here, link } from "../router.js";
import { user } from "../session.js";

/** True when the reader is a stranger, who is on the way to the sign-in then. @param {import("../router.js").Place} place */
export function signedInOnly(place) {
  if (user()) return false;
  // Replaced, not added: the way back shall not lead here again.
  const address = link("/sign-in", { next: here() });
  queueMicrotask(() => !place.signal.aborted && location.replace(address));
  return true;
}
