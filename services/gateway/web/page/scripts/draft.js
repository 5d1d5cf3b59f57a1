/** What somebody has written for a booking that is not held yet. It is personal: in memory only, and gone with the session. */

import { onSession } from "./session.js";

/**
 * @typedef {{providerId: string, notes: string, where: string, isForAnother: boolean, name: string, relation: string, birthYear: string,
 *   phone: string, carerNotes: string, lines: string, city: string, latitude: string, longitude: string}} Draft
 */

/** @returns {Draft} */
const empty = () => ({
  providerId: "", notes: "", where: "", isForAnother: false, name: "", relation: "", birthYear: "", phone: "", carerNotes: "", lines: "", city: "", latitude: "", longitude: "",
});

let draft = empty();

/** The draft for this provider; what was written for another is not shown to them. @param {string} providerId */
export function draftFor(providerId) {
  if (draft.providerId !== providerId) draft = { ...empty(), providerId };
  return draft;
}

/** Whether there is one: a page that was loaded anew knows nothing of what was written. @param {string} providerId */
export function hasDraftFor(providerId) {
  return draft.providerId === providerId;
}

/** What was written has been sent. */
export function forgetDraft() {
  draft = empty();
}

onSession((change) => {
  if (change === "signed-out" || change === "ended") forgetDraft();
});
