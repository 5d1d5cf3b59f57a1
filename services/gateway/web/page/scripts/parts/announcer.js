/** Says what changed to those who hear the page instead of seeing it. */

const BETWEEN_MS = 60;

/** @param {string} text */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (!region) return;
  // Emptied first: the same words twice are two pieces of news.
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, BETWEEN_MS);
}
