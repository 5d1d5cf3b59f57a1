/** A refusal of the API (RFC 9457), or of the way to it, and its words. */

import { has, t } from "./language.js";

/** What a repeat under the same key may settle. */
const PASSING = new Set(["offline", "timeout", "unavailable", "deadline_exceeded", "outcome_unknown", "request_in_progress"]);

export class Problem extends Error {
  /**
   * @param {{code: string, status?: number, message?: string, errors?: Record<string, string[]>,
   *   details?: any, traceId?: string, retryAfter?: number}} told
   */
  constructor(told) {
    super(told.message || told.code);
    this.name = "Problem";
    this.code = told.code;
    this.status = told.status ?? 0;
    this.errors = told.errors ?? {};
    this.details = told.details ?? {};
    this.traceId = told.traceId ?? "";
    this.retryAfter = told.retryAfter ?? 0;
  }

  /** Whether asking again may help without changing anything. */
  get isPassing() {
    return PASSING.has(this.code);
  }

  /** Whether it is certain that nothing was done: a server that failed may have done it before. */
  get isSettled() {
    return !this.isPassing && this.status < 500;
  }
}

/**
 * The problem that a response tells.
 * @param {Response} response
 */
export async function problemOf(response) {
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  try {
    const told = await response.json();
    return new Problem({ ...told, status: response.status, retryAfter });
  } catch {
    // A proxy on the way may answer with a page of its own.
    return new Problem({ code: response.status >= 500 ? "unavailable" : "internal_error", status: response.status, retryAfter });
  }
}

/** Whether somebody gave up waiting, and nothing failed. @param {unknown} error */
export function isAborted(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** For work that nobody waits for: leaving the view is no failure. @param {unknown} error */
export function unlessAborted(error) {
  if (!isAborted(error)) throw error;
}

/** What happened and what to do, in the reader's language. @param {unknown} error */
export function wordsFor(error) {
  if (!(error instanceof Problem)) return t("problem.internal_error");
  // Payment says in the reader's language why a card was refused.
  if (error.code === "card_declined") return error.message;
  if (error.code === "rate_limited") return t("problem.rate_limited", { count: Math.max(1, error.retryAfter) });
  return has(`problem.${error.code}`) ? t(`problem.${error.code}`) : error.message;
}
