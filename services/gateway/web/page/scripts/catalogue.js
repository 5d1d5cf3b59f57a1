/** Questions to the catalogue and the calendar. */

import { question } from "./api.js";
import { plusDays } from "./days.js";

const DAYS_LOOKED_AT = 10;

/**
 * @typedef {import("./language.js").Texts} Texts
 * @typedef {import("./format.js").Money} Money
 * @typedef {{serviceId: string, category: string, name: Texts, description: Texts, durationMinutes: number, listPrice: Money}} Service
 * @typedef {{providerId: string, name: Texts, about: Texts, city: string, timeZone: string, currency: string,
 *   distanceKm: number | null, rating: {average: number | null, count: number}, services: Service[], fromPrice: Money}} Provider
 * @typedef {{startsAt: string, endsAt: string, localDate: string, localTime: string, utcOffset: string}} Slot
 * @typedef {{timeZone: string, price: Money, durationMinutes: number, slots: Slot[]}} Availability
 * @typedef {"provider" | "customer" | "online"} Where
 * @typedef {{serviceId: string, places: Where[], answerHours: number | null}} Terms
 */

/** @type {Promise<{slug: string, name: Texts}[]> | null} */
let categoriesAsked = null;
/** @type {Map<string, Provider>} */
const providersSeen = new Map();

/** The kinds of care, asked for once. */
export function categories() {
  categoriesAsked ??= question("customer/categories")
    .then(({ data }) => data.categories)
    .catch((error) => {
      categoriesAsked = null;
      throw error;
    });
  return categoriesAsked;
}

/** @param {Record<string, any>} query @param {AbortSignal} signal @returns {Promise<{providers: Provider[], next: string | null}>} */
export async function search(query, signal) {
  const { data, page } = await question("customer/search", { query, signal });
  return { providers: data.providers, next: page.next };
}

/** @param {string} id @param {{latitude: number, longitude: number} | null} from @param {AbortSignal} signal @returns {Promise<Provider>} */
export async function provider(id, from, signal) {
  const { data } = await question(`customer/providers/${id}`, { query: { ...from }, signal });
  providersSeen.set(id, data);
  return data;
}

/** A provider's profile for its name; null when it has left the catalogue or can't be asked. @param {string} id @param {AbortSignal} signal */
export async function providerSeen(id, signal) {
  return providersSeen.get(id) ?? provider(id, null, signal).catch((error) => (signal.aborted ? Promise.reject(error) : null));
}

/** @param {string} id @param {string | null} cursor @param {AbortSignal} signal */
export async function reviews(id, cursor, signal) {
  const { data, page } = await question(`customer/providers/${id}/reviews`, { query: { limit: 5, cursor }, signal });
  return { reviews: data.reviews, next: page.next };
}

/** @param {string} providerId @param {string} serviceId @param {string} date @param {AbortSignal} signal @returns {Promise<Availability>} */
export async function availability(providerId, serviceId, date, signal) {
  const { data } = await question(`customer/providers/${providerId}/availability`, { query: { serviceId, date }, signal });
  return data;
}

/** The most services that are asked about at once. */
const MOST_TERMS = 100;

/**
 * Where services are given and whether their providers are asked first, by service. Without an answer none is known:
 * finding goes on, and holding says what it needs.
 * @param {string[]} serviceIds
 * @param {AbortSignal} signal
 * @returns {Promise<Map<string, Terms>>}
 */
export async function termsOf(serviceIds, signal) {
  if (serviceIds.length === 0) return new Map();
  const query = { ids: serviceIds.slice(0, MOST_TERMS).join(",") };
  const found = await question("customer/services/terms", { query, signal }).catch((error) => (signal.aborted ? Promise.reject(error) : null));
  const services = /** @type {Terms[]} */ (found?.data.services ?? []);
  return new Map(services.map((terms) => [terms.serviceId, terms]));
}

/** The next day after this with a free time, looked for one after the other; null: none that soon. @param {string} providerId @param {string} serviceId @param {string} after @param {string} last @param {AbortSignal} signal @returns {Promise<string | null>} */
export async function nextFreeDay(providerId, serviceId, after, last, signal) {
  let day = after;
  for (let looked = 0; looked < DAYS_LOOKED_AT && day < last; looked += 1) {
    day = plusDays(day, 1);
    const { slots } = await availability(providerId, serviceId, day, signal);
    if (slots.length > 0) return day;
  }
  return null;
}
