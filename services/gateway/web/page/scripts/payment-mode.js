/** How payments are set up here, as `/health` tells everybody, and where the stand-in's bank is. */

import { isAborted, Problem } from "./problem.js";

/** @typedef {"live" | "sandbox" | "stand-in" | "off" | "unknown"} Mode */

const HEALTH_MS = 5_000;

/** @type {Promise<Mode> | null} */
let asked = null;

/** @returns {Promise<Mode>} */
export function paymentMode() {
  asked ??= ask().catch(() => {
    asked = null;
    return "unknown";
  });
  return asked;
}

/** @returns {Promise<Mode>} */
async function ask() {
  const response = await fetch("/health", { signal: AbortSignal.timeout(HEALTH_MS), credentials: "omit" });
  const mode = (await response.json()).payments.mode;
  if (mode === "unknown") asked = null;
  return mode;
}

/** Whether no money moves, whatever is pressed. @param {Mode} mode */
export function isTest(mode) {
  return mode === "stand-in" || mode === "sandbox";
}

/** The origin of the stand-in, which plays the customer's bank; empty elsewhere. */
export function standinOrigin() {
  return document.querySelector('meta[name="care-standin"]')?.getAttribute("content") ?? "";
}

/**
 * Say to the stand-in that the customer is, or is not, who they say: what a bank's own page does.
 * @param {{paymentIntentId: string, clientSecret: string}} payment
 * @param {boolean} success
 * @param {AbortSignal} signal
 */
export async function authenticateAtStandin(payment, success, signal) {
  const body = new URLSearchParams({ client_secret: payment.clientSecret, success: String(success), key: "pk_test_page" });
  const url = `${standinOrigin()}/v1/payment_intents/${encodeURIComponent(payment.paymentIntentId)}/_authenticate`;
  const limits = AbortSignal.any([AbortSignal.timeout(HEALTH_MS * 2), signal]);
  const response = await fetch(url, { method: "POST", body, signal: limits, credentials: "omit" }).catch((error) => {
    throw isAborted(error) ? error : new Problem({ code: "bank_not_reached" });
  });
  if (!response.ok) throw new Problem({ code: "bank_not_reached", status: response.status });
}
