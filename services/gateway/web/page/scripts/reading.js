/** One reading at a time: what changes meanwhile leads to one more, so the last one shown is never an old one. */

/**
 * @param {() => Promise<void>} read handles its own failures
 * @returns {() => Promise<void>}
 */
export function oneAtATime(read) {
  let isReading = false;
  let isToReadAgain = false;
  return async () => {
    if (isReading) {
      isToReadAgain = true;
      return;
    }
    isReading = true;
    try {
      do {
        isToReadAgain = false;
        await read();
      } while (isToReadAgain);
    } finally {
      isReading = false;
    }
  };
}
