/**
 * Who is signed in. The access token lives in memory only; the refresh token is traded for a new pair before
 * the old one ends, by one request at a time.
 */

import { command, question, useTokens } from "./api.js";
import { newKey } from "./intention.js";
import { language } from "./language.js";
import { Problem } from "./problem.js";
import { serverClock } from "./server-clock.js";
import * as store from "./session-store.js";

/**
 * @typedef {{userId: string, email: string, name: string, roles: string[], timeZone: string,
 *   memberships: {providerId: string, role: "owner" | "staff", staffId: string | null}[]}} User
 * @typedef {"signed-in" | "signed-out" | "ended" | "renewed"} Change
 */

/** Renewed this long before its end, so that no request meets an old token. */
const MARGIN_MS = 60_000;

/** @type {{id: string, user: User, accessToken: string, endsAt: string, refreshToken: string} | null} */
let session = null;
/** @type {Promise<string | null> | null} */
let renewing = null;
/** @type {Set<(change: Change) => void>} */
const listeners = new Set();

/** @returns {User | null} */
export function user() {
  return session?.user ?? null;
}

/** Whether the one who is signed in books for themselves. */
export function isCustomer() {
  return session?.user.roles.includes("customer") ?? false;
}

/** The providers that the one who is signed in acts for. */
export function workplaces() {
  return session?.user.memberships ?? [];
}

/**
 * Hear of changes.
 * @param {(change: Change) => void} listener
 * @param {AbortSignal} [signal]
 */
export function onSession(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener("abort", () => listeners.delete(listener), { once: true });
}

/** Go on with the session of this tab, if it had one. */
export async function restore() {
  const found = store.kept();
  if (!found) return;
  if (!(await store.claim(found.id))) {
    store.forget();
    return;
  }
  await trade(found.id, found.refreshToken).catch(() => null);
}

/** @param {string} email @param {string} password @param {AbortSignal} [signal] */
export async function signIn(email, password, signal) {
  const { data } = await command("auth/login", { email, password }, { asStranger: true, signal });
  const id = newKey();
  await store.claim(id);
  const before = session;
  take(id, data);
  tell("signed-in");
  if (before) void endAtServer(before.refreshToken);
}

/** Open an account and sign in with it. @param {{email: string, password: string, name: string}} person @param {AbortSignal} [signal] */
export async function register(person, signal) {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  await command("auth/register", { ...person, locale: language(), timeZone }, { asStranger: true, signal });
  await signIn(person.email, person.password, signal);
}

export async function signOut() {
  const leaving = session;
  session = null;
  store.forget();
  tell("signed-out");
  if (leaving) await endAtServer(leaving.refreshToken);
}

/** Here the session has ended either way; the server ends it by itself after 30 days. @param {string} refreshToken */
async function endAtServer(refreshToken) {
  await command("auth/logout", { refreshToken }, { asStranger: true }).catch(() => null);
}

/** An access token that is still good for a while; null for strangers. */
export async function accessToken() {
  if (!session) return null;
  return serverClock.until(session.endsAt) > MARGIN_MS ? session.accessToken : renew();
}

/** A new access token, asked for once however many want it; null when the session has ended. */
export function renew() {
  if (!session) return Promise.resolve(null);
  const { id, refreshToken } = session;
  renewing ??= trade(id, refreshToken).finally(() => {
    renewing = null;
  });
  return renewing;
}

/** Whether the session still is what the server says. @param {AbortSignal} [signal] */
export function me(signal) {
  return question("auth/me", { signal });
}

/** @param {string} id @param {string} refreshToken */
async function trade(id, refreshToken) {
  const before = session;
  try {
    // Never repeated by itself: a token that was used before ends the session.
    const { data } = await command("auth/refresh", { refreshToken }, { asStranger: true });
    if (session !== before) {
      // Meanwhile the reader has signed out, or in as somebody else: that stands.
      void endAtServer(data.refreshToken);
      return null;
    }
    take(id, data);
    tell(before ? "renewed" : "signed-in");
    return data.accessToken;
  } catch (error) {
    if (error instanceof Problem && error.code === "session_ended") {
      if (session !== before) return null;
      session = null;
      store.forget();
      tell("ended");
      return null;
    }
    throw error;
  }
}

/** @param {string} id @param {any} data */
function take(id, data) {
  session = { id, user: data.user, accessToken: data.accessToken, endsAt: data.accessExpiresAt, refreshToken: data.refreshToken };
  store.keep({ id, refreshToken: data.refreshToken });
}

/** @param {Change} change */
function tell(change) {
  for (const listener of [...listeners]) listener(change);
}

useTokens({ token: accessToken, renew });
