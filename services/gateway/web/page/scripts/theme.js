/** Light or dark: the system's choice until the reader makes one. */

const KEPT_AS = "care.theme";

/** @returns {"light" | "dark"} */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function switchTheme() {
  const chosen = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem(KEPT_AS, chosen);
  } catch {
    // Storage is closed: the choice lasts as long as the page.
  }
}
