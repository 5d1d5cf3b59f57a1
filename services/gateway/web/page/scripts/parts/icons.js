/** Small drawings beside words; never instead of a name. */

const NAMESPACE = "http://www.w3.org/2000/svg";

const PATHS = {
  back: "M19 12H5M11 6l-6 6 6 6",
  forward: "M5 12h14M13 6l6 6-6 6",
  check: "M5 12.5l4.500 4.500L19 7.500",
  alert: "M12 8v5M12 16.500v.01M12 3.500l9 16H3z",
  info: "M12 11v5.500M12 7.500v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  clock: "M12 7v5l3.500 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  place: "M12 21s7-5.700 7-11a7 7 0 1 0-14 0c0 5.300 7 11 7 11zM12 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  search: "M20 20l-4.200-4.200M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M18.700 5.300l-1.400 1.400M6.700 17.300l-1.400 1.400",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
  card: "M3.500 6h17v12h-17zM3.500 10h17M7 15h3",
  shield: "M12 3l7.500 3v5.500c0 4.500-3 8-7.500 9.500-4.500-1.500-7.500-5-7.500-9.500V6zM9 12l2.200 2.200L15.200 10",
  calendar: "M4 6.500h16V20H4zM4 10.500h16M8 4v4M16 4v4",
};

/** @typedef {keyof typeof PATHS} IconName */

/** @param {IconName} name @returns {SVGElement} */
export function icon(name) {
  const drawing = document.createElementNS(NAMESPACE, "svg");
  const isDirected = name === "back" || name === "forward";
  drawing.setAttribute("class", isDirected ? "icon icon-directed" : "icon");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(NAMESPACE, "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}
