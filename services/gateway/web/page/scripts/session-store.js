/**
 * Keeps the refresh token for this tab, and for one page at a time.
 *
 * A refresh token works once: two pages that used one copy would end each other's session. sessionStorage ends
 * with the tab, but a duplicated tab begins with a copy; so the page that uses the token holds a lock of the
 * session's name, and the copy finds it held and forgets it.
 */

const KEPT_AS = "care.session";
/** A page that is just being left holds its lock a moment longer. */
const LOCK_MS = 1_500;

/** @type {Set<string>} */
const held = new Set();

/** @typedef {{id: string, refreshToken: string}} Kept */

/** @param {Kept} session */
export function keep(session) {
  try {
    sessionStorage.setItem(KEPT_AS, JSON.stringify(session));
  } catch {
    // Storage is closed: the session lasts as long as the page.
  }
}

export function forget() {
  try {
    sessionStorage.removeItem(KEPT_AS);
  } catch {
    // Nothing was kept.
  }
}

/** @returns {Kept | null} */
export function kept() {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "null");
    return typeof found?.id === "string" && typeof found?.refreshToken === "string" ? found : null;
  } catch {
    return null;
  }
}

/**
 * Hold the session for this page; false when another page has it.
 * @param {string} id
 * @returns {Promise<boolean>}
 */
export function claim(id) {
  if (!navigator.locks || held.has(id)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hold = () => {
      held.add(id);
      resolve(true);
      // Until the page goes.
      return new Promise(() => {});
    };
    navigator.locks.request(`${KEPT_AS}.${id}`, { signal: AbortSignal.timeout(LOCK_MS) }, hold).catch(() => resolve(false));
  });
}
