/** Where the reader is, when they say so. It stays on this page: not in the address, not in any store. */

const ASKING_MS = 10_000;
const GRID = 1000;
/** A device that knows no better than this knows nothing. */
const MOST_ACCURACY_M = 100_000;

/** @type {{latitude: number, longitude: number} | null} */
let known = null;

export function whereabouts() {
  return known;
}

/**
 * Ask the browser. Rejects when the reader or the device says no.
 * @returns {Promise<{latitude: number, longitude: number}>}
 */
export function askWhereabouts() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject(new Error("no geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        // The platform measures on this grid too (about 100 m): nothing finer leaves the device.
        known = { latitude: snapped(coords.latitude), longitude: snapped(coords.longitude) };
        resolve(known);
      },
      reject,
      { timeout: ASKING_MS, maximumAge: 60_000 },
    );
  });
}

/** @param {number} degrees */
function snapped(degrees) {
  return Math.round(degrees * GRID) / GRID;
}

/**
 * Where this device is, as exactly as it says, for an address or a check-in: told to nobody but the booking's people.
 * Rejects when the reader or the device says no.
 * @returns {Promise<{latitude: number, longitude: number, accuracyM: number}>}
 */
export function askPosition() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject(new Error("no geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude, accuracyM: Math.min(coords.accuracy, MOST_ACCURACY_M) }),
      reject,
      { timeout: ASKING_MS, maximumAge: 0, enableHighAccuracy: true },
    );
  });
}
