// The pictures on the buttons: strokes on a square of 20 units.
const PATHS = {
  bold: "M6 4h5a3 3 0 0 1 0 6H6zM6 10h6a3 3 0 0 1 0 6H6z",
  italic: "M9 4h5M6 16h5M12 4 8 16",
  bullets: "M8 5h9M8 10h9M8 15h9M3.5 5h.01M3.5 10h.01M3.5 15h.01",
  numbers: "M8 5h9M8 10h9M8 15h9M3 3.5 4 3v4M3 13.2c0-1 2-1 2 .1 0 1-2 1.7-2 2.7h2",
  quote: "M4 13c2 0 3-1.5 3-4V6H3.5v4H7M12 13c2 0 3-1.5 3-4V6h-3.5v4H15",
  link: "M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1M11.5 8.5a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l1-1",
  image: "M3 4h14v12H3zM3 13l4-4 4 4 2-2 4 4M13 7.5h.01",
  table: "M3 4h14v12H3zM3 8h14M3 12h14M9 4v12",
  undo: "M7 4 3 8l4 4M3 8h8a5 5 0 0 1 0 9H8",
  redo: "m13 4 4 4-4 4M17 8H9a5 5 0 0 0 0 9h3",
};

export const icon = (name) => {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
};
