/** The cities that are searched by name, with their centres. Another installation has another list. */

/**
 * @typedef {{slug: string, city: string, name: {en: string, ar: string}, latitude: number, longitude: number}} Place
 */

/** @type {Place[]} */
export const PLACES = [
  { slug: "new-york", city: "New York", name: { en: "New York", ar: "نيويورك" }, latitude: 40.7128, longitude: -74.006 },
  { slug: "los-angeles", city: "Los Angeles", name: { en: "Los Angeles", ar: "لوس أنجلوس" }, latitude: 34.0522, longitude: -118.2437 },
  { slug: "london", city: "London", name: { en: "London", ar: "لندن" }, latitude: 51.5074, longitude: -0.1278 },
  { slug: "riyadh", city: "Riyadh", name: { en: "Riyadh", ar: "الرياض" }, latitude: 24.7136, longitude: 46.6753 },
  { slug: "kuwait-city", city: "Kuwait City", name: { en: "Kuwait City", ar: "مدينة الكويت" }, latitude: 29.3759, longitude: 47.9774 },
  { slug: "tokyo", city: "Tokyo", name: { en: "Tokyo", ar: "طوكيو" }, latitude: 35.6762, longitude: 139.6503 },
  { slug: "sydney", city: "Sydney", name: { en: "Sydney", ar: "سيدني" }, latitude: -33.8688, longitude: 151.2093 },
];

/** @param {string | null} slug */
export function placeOf(slug) {
  return PLACES.find((place) => place.slug === slug) ?? null;
}

/** A city's name as both languages write it; the API's own where the list has none. @param {string} city */
export function cityName(city) {
  return PLACES.find((place) => place.city === city)?.name ?? { en: city };
}
