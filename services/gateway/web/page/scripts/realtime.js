/**
 * What happens now, from `/realtime`. Whoever watches is told to read again when the subscription is in force,
 * when something changed, and when something may have been missed; so what is shown is always the owner's state.
 */

import { accessToken, onSession, renew, user } from "./session.js";

/**
 * @typedef {{event: string, data: any}} Told  event `in-force` and `resync-required` mean: read again
 * @typedef {{frame: {event: string, data: any}, matches: (told: Told) => boolean, listeners: Set<(told: Told) => void>}} Subject
 */

const PING_MS = 25_000;
const PONG_MS = 10_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;
const SUBSCRIBE_AGAIN_MS = 2_000;
const UNAUTHENTICATED = 4401;
const BOOKING_EVENTS = new Set(["booking-status-changed", "payment-confirmed", "booking-cancelled", "new-booking"]);

/** @type {Map<string, Subject>} */
const subjects = new Map();
/** @type {Set<(isLive: boolean) => void>} */
const stateListeners = new Set();
/** @type {WebSocket | null} */
let socket = null;
let isOpening = false;
let failures = 0;
/** @type {number | undefined} */
let retryTimer;
/** @type {number | undefined} */
let pingTimer;
/** @type {number | undefined} */
let pongTimer;

/**
 * Watch a provider's free times on one of its local days.
 * @param {string} providerId
 * @param {string} date
 * @param {(told: Told) => void} listener
 * @param {AbortSignal} signal ends the watching
 */
export function watchDay(providerId, date, listener, signal) {
  const frame = { event: "subscribe-provider-availability", data: { providerId, date } };
  const matches = (/** @type {Told} */ { event, data }) =>
    event === "availability-updated" &&
    data.providerId === providerId &&
    (data.localDays.length === 0 || data.localDays.includes(date));
  watch(`${providerId} ${date}`, frame, matches, listener, signal);
}

/** Watch the reader's own bookings. @param {(told: Told) => void} listener @param {AbortSignal} signal */
export function watchBookings(listener, signal) {
  const frame = { event: "subscribe-booking-updates", data: {} };
  watch("bookings", frame, ({ event }) => BOOKING_EVENTS.has(event), listener, signal);
}

/** Hear whether the line stands. @param {(isLive: boolean) => void} listener @param {AbortSignal} signal */
export function onLine(listener, signal) {
  stateListeners.add(listener);
  signal.addEventListener("abort", () => stateListeners.delete(listener), { once: true });
  listener(isLive());
}

function isLive() {
  return socket?.readyState === WebSocket.OPEN;
}

/** @param {string} key @param {Subject["frame"]} frame @param {Subject["matches"]} matches @param {(told: Told) => void} listener @param {AbortSignal} signal */
function watch(key, frame, matches, listener, signal) {
  const subject = subjects.get(key) ?? { frame, matches, listeners: new Set() };
  subjects.set(key, subject);
  subject.listeners.add(listener);
  signal.addEventListener("abort", () => leave(key, subject, listener), { once: true });
  if (!isLive()) void open();
  else send(frame.event, frame.data, key);
}

/** @param {string} key @param {Subject} subject @param {(told: Told) => void} listener */
function leave(key, subject, listener) {
  subject.listeners.delete(listener);
  if (subject.listeners.size > 0 || subjects.get(key) !== subject) return;
  subjects.delete(key);
  const isDay = subject.frame.event === "subscribe-provider-availability";
  const subscription = isDay ? "provider-availability" : "booking-updates";
  send("unsubscribe", { subscription, ...subject.frame.data });
}

async function open() {
  if (isOpening || socket || subjects.size === 0 || !user()) return;
  isOpening = true;
  clearTimeout(retryTimer);
  try {
    const token = await accessToken();
    if (token) connect(token);
  } catch {
    openLater();
  } finally {
    isOpening = false;
  }
}

/** @param {string} token */
function connect(token) {
  const opened = new WebSocket(new URL("/realtime", location.href.replace(/^http/, "ws")));
  socket = opened;
  opened.addEventListener("open", () => {
    if (socket !== opened) {
      opened.close();
      return;
    }
    // The token goes in the first frame, never in the address.
    send("authenticate", { token });
    for (const [key, { frame }] of subjects) send(frame.event, frame.data, key);
    ping();
    tellState();
  });
  opened.addEventListener("message", (message) => {
    if (socket === opened) hear(JSON.parse(message.data));
  });
  opened.addEventListener("close", (close) => closed(opened, close.code));
}

/** @param {WebSocket} which @param {number} code */
function closed(which, code) {
  if (socket !== which) return;
  socket = null;
  clearTimeout(pingTimer);
  clearTimeout(pongTimer);
  tellState();
  if (code === UNAUTHENTICATED) void renew().then(openLater, openLater);
  else openLater();
}

/** Later each time and at random, so that all the clients of a process that ended don't come back at once. */
function openLater() {
  if (subjects.size === 0 || !user()) return;
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
  failures += 1;
  clearTimeout(retryTimer);
  retryTimer = setTimeout(() => void open(), longest * (0.5 + Math.random() / 2));
}

/** @param {{event: string, data: any, id?: string}} frame */
function hear(frame) {
  if (frame.event === "pong") clearTimeout(pongTimer);
  else if (frame.event === "subscribed") inForce(frame.id ?? "");
  else if (frame.event === "error") refused(frame);
  else if (frame.event === "resync-required") tellAll(frame);
  else for (const subject of subjects.values()) if (subject.matches(frame)) tellSubject(subject, frame);
}

/** @param {string} key */
function inForce(key) {
  failures = 0;
  const subject = subjects.get(key);
  if (subject) tellSubject(subject, { event: "in-force", data: {} });
}

/** A subscription that could not come into force is asked for again; other refusals have nobody waiting. */
function refused(/** @type {{data: any, id?: string}} */ { data, id = "" }) {
  const subject = subjects.get(id);
  if (!subject || data.code !== "unavailable") return;
  setTimeout(() => subjects.get(id) === subject && send(subject.frame.event, subject.frame.data, id), SUBSCRIBE_AGAIN_MS);
}

/** @param {Told} told */
function tellAll(told) {
  for (const subject of subjects.values()) tellSubject(subject, told);
}

/** @param {Subject} subject @param {Told} told */
function tellSubject(subject, told) {
  for (const listener of [...subject.listeners]) listener(told);
}

function tellState() {
  for (const listener of [...stateListeners]) listener(isLive());
}

/** A line that is dead without saying so is noticed by the answer that does not come. */
function ping() {
  clearTimeout(pingTimer);
  pingTimer = setTimeout(() => {
    send("ping", {});
    pongTimer = setTimeout(() => socket?.close(), PONG_MS);
    ping();
  }, PING_MS);
}

/** @param {string} event @param {any} data @param {string} [id] */
function send(event, data, id) {
  if (socket?.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify(id ? { event, data, id: id.slice(0, 64) } : { event, data }));
}

onSession(async (change) => {
  if (change === "renewed") {
    const token = await accessToken().catch(() => null);
    if (token) send("authenticate", { token });
  } else if (socket) leaveLine(socket); // It speaks for whoever was signed in before.
  else void open();
});

/** One that still connects ends as soon as it stands: a browser complains of one that is ended before. */
function leaveLine(/** @type {WebSocket} */ left) {
  if (left.readyState !== WebSocket.CONNECTING) left.close();
  closed(left, 0);
}

addEventListener("online", () => {
  failures = 0;
  void open();
});
