/**
 * The server's clock, learnt from the Date header of its answers: a hold ends by it, and the reader's own
 * clock may be wrong.
 *
 * Each answer says: when it was written the server's time lay between Date and Date + 1 s, and that was
 * between our sending and our receiving. Every answer narrows the bounds; one that contradicts them (the
 * machine slept, the server's clock was set) begins them anew.
 */

const HEADER_RESOLUTION = 1000;

export class ServerClock {
  /** @param {() => number} monotonic milliseconds that nobody can set */
  constructor(monotonic) {
    this.monotonic = monotonic;
    this.lowest = -Infinity;
    this.highest = Infinity;
  }

  /**
   * Learn from an answer.
   * @param {string | null} header its Date
   * @param {number} sentAt
   * @param {number} receivedAt
   */
  learn(header, sentAt, receivedAt) {
    const date = Date.parse(header ?? "");
    if (Number.isNaN(date)) return;
    const lowest = date - receivedAt;
    const highest = date + HEADER_RESOLUTION - sentAt;
    const isContradiction = lowest > this.highest || highest < this.lowest;
    this.lowest = isContradiction ? lowest : Math.max(lowest, this.lowest);
    this.highest = isContradiction ? highest : Math.min(highest, this.highest);
  }

  /** The server's time in milliseconds since 1970; the reader's own before the first answer. */
  now() {
    if (this.highest === Infinity) return Date.now();
    return this.monotonic() + (this.lowest + this.highest) / 2;
  }

  /** Milliseconds until an instant. @param {string} instant */
  until(instant) {
    return Date.parse(instant) - this.now();
  }
}

export const serverClock = new ServerClock(() => performance.now());
