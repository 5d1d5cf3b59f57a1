/** One thing that somebody wants done, under one key until it is settled: pressing again never does it twice. */

import { command } from "./api.js";
import { Problem } from "./problem.js";

/** A key that nobody guesses and nobody else has; works without a secure context, unlike randomUUID. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Intention {
  /** @type {string} */
  #key = "";
  /** @type {string} */
  #sent = "";

  /**
   * Send the command. As long as its outcome is not known, the same body goes under the same key.
   * @param {string} path
   * @param {any} body
   * @param {AbortSignal} [signal]
   * @param {"POST" | "PATCH"} [method]
   * @returns {Promise<any>}
   */
  async carryOut(path, body, signal, method = "POST") {
    const wanted = `${method} ${path} ${JSON.stringify(body)}`;
    if (!this.#key || this.#sent !== wanted) {
      this.#key = newKey();
      this.#sent = wanted;
    }
    try {
      const answer = await command(path, body, { key: this.#key, signal, method });
      this.#key = "";
      return answer;
    } catch (error) {
      if (error instanceof Problem && error.isSettled) this.#key = "";
      throw error;
    }
  }
}
