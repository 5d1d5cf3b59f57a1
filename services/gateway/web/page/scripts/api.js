/** Requests to the public API: a time-out for each, questions asked again, commands repeated under one key. */

import { language } from "./language.js";
import { Problem, problemOf } from "./problem.js";
import { serverClock } from "./server-clock.js";

const BASE = "/api/v1/";
const QUESTION_MS = 8_000;
/** A payment's deadline in the gateway is 15 s; its answer shall be heard. */
const COMMAND_MS = 20_000;
const QUESTION_ATTEMPTS = 2;
const COMMAND_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 400;

/**
 * @typedef {{token: () => Promise<string | null>, renew: () => Promise<string | null>}} TokenSource
 * @typedef {{query?: Record<string, any>, body?: any, key?: string, signal?: AbortSignal, asStranger?: boolean, method?: "POST" | "PATCH"}} Options
 */

/** @type {TokenSource} */
let tokens = { token: async () => null, renew: async () => null };

/** Where access tokens come from. @param {TokenSource} source */
export function useTokens(source) {
  tokens = source;
}

/**
 * Ask; changes nothing, so it may be asked again.
 * @param {string} path below /api/v1
 * @param {Options} [options]
 * @returns {Promise<any>} the envelope: `data`, and `page` for lists
 */
export function question(path, options = {}) {
  return repeated(QUESTION_ATTEMPTS, options.signal, () => authorised("GET", path, options, QUESTION_MS));
}

/**
 * Command; with a key the answer is the same however often it is sent.
 * @param {string} path
 * @param {any} body
 * @param {Options} [options]
 * @returns {Promise<any>}
 */
export function command(path, body, options = {}) {
  const attempts = options.key ? COMMAND_ATTEMPTS : 1;
  return repeated(attempts, options.signal, () => authorised(options.method ?? "POST", path, { ...options, body }, COMMAND_MS));
}

/**
 * @param {number} attempts
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<any>} attempt
 */
async function repeated(attempts, signal, attempt) {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Problem) || !error.isPassing || number === attempts) throw error;
      await pause(Math.max(error.retryAfter * 1000, FIRST_PAUSE_MS * 2 ** (number - 1)), signal);
    }
  }
}

/** Send with the access token; one that has ended meanwhile is replaced once. */
async function authorised(/** @type {string} */ method, /** @type {string} */ path, /** @type {Options} */ options, /** @type {number} */ patience) {
  const token = options.asStranger ? null : await tokens.token();
  try {
    return await send(method, path, options, patience, token);
  } catch (error) {
    const isStale = error instanceof Problem && (error.code === "token_expired" || error.code === "token_invalid");
    if (!isStale || !token) throw error;
    return send(method, path, options, patience, await tokens.renew());
  }
}

async function send(/** @type {string} */ method, /** @type {string} */ path, /** @type {Options} */ options, /** @type {number} */ patience, /** @type {string | null} */ token) {
  const sentAt = performance.now();
  let response;
  try {
    response = await fetch(address(path, options.query), {
      method,
      headers: headersOf(options, token),
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: AbortSignal.any([AbortSignal.timeout(patience), ...(options.signal ? [options.signal] : [])]),
      credentials: "omit",
      // What is somebody's own stays in no cache of the browser.
      cache: token ? "no-store" : "default",
      redirect: "error",
    });
    serverClock.learn(response.headers.get("Date"), sentAt, performance.now());
    if (!response.ok) throw await problemOf(response);
    return await response.json();
  } catch (error) {
    throw asProblem(error);
  }
}

/** @param {Options} options @param {string | null} token */
function headersOf(options, token) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", "Accept-Language": language() };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.key) headers["Idempotency-Key"] = options.key;
  if (token) headers.Authorization = `Bearer ${token}`;
  return headers;
}

/** @param {string} path @param {Record<string, any>} [query] */
function address(path, query = {}) {
  const wanted = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(wanted.map(([name, value]) => [name, String(value)])).toString();
  return `${BASE}${path}${text ? `?${text}` : ""}`;
}

/** A connection that failed, or took too long, as a problem; somebody who left the view as it is. @param {any} error */
function asProblem(error) {
  if (error instanceof TypeError) return new Problem({ code: "offline" });
  if (error instanceof DOMException && error.name === "TimeoutError") return new Problem({ code: "timeout" });
  return error;
}

/**
 * Wait, unless the view is left meanwhile.
 * @param {number} milliseconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", leave);
      resolve();
    }, milliseconds);
    if (signal?.aborted) leave();
    signal?.addEventListener("abort", leave, { once: true });
  });
}
