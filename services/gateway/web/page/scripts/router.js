/** Which view an address leads to. Addresses are `#/...`: the server has one page, and `/` is it. */

import { h } from "./elements.js";
import { isAborted } from "./problem.js";

/**
 * @typedef {{outlet: HTMLElement, params: Record<string, string>, query: URLSearchParams, signal: AbortSignal,
 *   setTitle: (title: string) => void}} Place  where a view is shown; `signal` ends with it
 * @typedef {(place: Place) => void | Promise<void>} View
 */

/** @type {{pattern: RegExp, view: View, name: string}[]} */
const routes = [];
/** @type {View} */
let nowhere = () => {};
/** @type {AbortController | null} */
let current = null;
/** @type {Set<(name: string) => void>} */
const listeners = new Set();

/** Show `view` at addresses such as `/providers/:id`. @param {string} path @param {string} name @param {View} view */
export function route(path, name, view) {
  const pattern = new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[\\w-]+)")}$`);
  routes.push({ pattern, view, name });
}

/** @param {View} view */
export function otherwise(view) {
  nowhere = view;
}

/** Hear the name of each view that is shown. @param {(name: string) => void} listener */
export function onPlace(listener) {
  listeners.add(listener);
}

/** The address of a place. @param {string} path @param {Record<string, any>} [query] */
export function link(path, query = {}) {
  const wanted = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(wanted.map(([name, value]) => [name, String(value)])).toString();
  return `#${path}${text ? `?${text}` : ""}`;
}

/** @param {string} address as `link` makes them; others lead to the start */
export function go(address) {
  const wanted = address.startsWith("#/") ? address : "#/";
  if (wanted === here()) refresh();
  else location.hash = wanted;
}

/** Change the address to what is shown already. @param {string} address */
export function note(address) {
  history.replaceState(null, "", address);
}

/** The address that is shown. */
export function here() {
  return location.hash || "#/";
}

/** Show the view of the address again, in another language for instance. */
export function refresh() {
  void show(false);
}

export function start() {
  addEventListener("hashchange", () => void show(true));
  void show(false);
}

/** @param {boolean} isMove whether the reader came from another view: then the new one gets the focus */
async function show(isMove) {
  current?.abort();
  const controller = new AbortController();
  current = controller;
  const [path, search] = here().slice(1).split("?");
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  // Each view has a place of its own: one that was left can't draw over the next.
  const outlet = h("div", {});
  const found = routes.find(({ pattern }) => pattern.test(path));
  const place = {
    outlet,
    params: { ...found?.pattern.exec(path)?.groups },
    query: new URLSearchParams(search ?? ""),
    signal: controller.signal,
    setTitle: (/** @type {string} */ title) => {
      document.title = title;
    },
  };
  for (const listener of listeners) listener(found?.name ?? "");
  main.replaceChildren(outlet);
  if (isMove) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
  try {
    await (found?.view ?? nowhere)(place);
  } catch (error) {
    if (!isAborted(error)) throw error;
  }
}
