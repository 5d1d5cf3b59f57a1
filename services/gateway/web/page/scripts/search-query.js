/** What somebody looks for: between the form, the address and the API. */

import { PLACES, placeOf } from "./places.js";
import { whereabouts } from "./whereabouts.js";

export const HERE = "here";
/** Has a name, since an address leaves out what is empty. */
export const ANYWHERE = "anywhere";
export const RADII_KM = [2, 5, 10, 25, 50];
export const SORTS = ["relevance", "distance", "rating", "price"];
const DEFAULTS = { q: "", category: "", place: PLACES[0].slug, radius: "10", sort: "distance" };

/** @typedef {{q: string, category: string, place: string, radius: string, sort: string}} Wanted */

/** What the address says. @param {URLSearchParams} query @returns {Wanted} */
export function readQuery(query) {
  const read = (/** @type {keyof Wanted} */ name) => query.get(name) ?? DEFAULTS[name];
  const wanted = { q: read("q"), category: read("category"), place: read("place"), radius: read("radius"), sort: read("sort") };
  // A position is never in an address; who comes by a link to "here" begins in the first city.
  if (wanted.place === HERE && !whereabouts()) wanted.place = DEFAULTS.place;
  if (wanted.place !== HERE && wanted.place !== ANYWHERE && !placeOf(wanted.place)) wanted.place = DEFAULTS.place;
  if (!RADII_KM.includes(Number(wanted.radius))) wanted.radius = DEFAULTS.radius;
  if (!SORTS.includes(wanted.sort)) wanted.sort = DEFAULTS.sort;
  if (wanted.place === ANYWHERE && wanted.sort === "distance") wanted.sort = "relevance";
  return wanted;
}

/** The point to measure from. @param {string} place @returns {{latitude: number, longitude: number} | null} */
export function pointOf(place) {
  if (place === HERE) return whereabouts();
  const found = placeOf(place);
  return found ? { latitude: found.latitude, longitude: found.longitude } : null;
}

/** What the API is asked. @param {Wanted} wanted */
export function apiQuery(wanted) {
  const point = pointOf(wanted.place);
  return {
    query: wanted.q.trim().slice(0, 200),
    category: wanted.category,
    ...point,
    radiusKm: point ? wanted.radius : null,
    sort: wanted.sort,
  };
}
