import type { Way } from "./card.js";
import { type Layout, layoutOf, type PlacedCard, type PlacedText, type PlacedWay, type Point } from "./layout.js";
import { element, type Markup, styleSheet } from "./markup.js";
import type { Topology } from "./topology.js";

/*
 * The picture of a load balancer as SVG that stands on its own. No outside fonts, images or scripts; light or dark as the
 * reader's system is.
 */

const LIGHT = `
.dl-ground{fill:#ffffff}
.dl-card{fill:#f8fafc;stroke:#cbd5e1}
.dl-frontend{fill:#eef4ff;stroke:#93b4e8}
.dl-pool{fill:#f1f8f1;stroke:#9cc7a0}
.dl-node,.dl-addresses{fill:#faf6ee;stroke:#d5c3a0}
.dl-more{fill:none;stroke:#cbd5e1;stroke-dasharray:4 3}
.dl-text{fill:#0f172a}
.dl-quiet{fill:#52606f}
.dl-asks{stroke:#64748b}.dl-asks-fill{fill:#64748b}
.dl-dnsdist{stroke:#2563c9}.dl-dnsdist-fill{fill:#2563c9}
.dl-haproxy{stroke:#b4560a}.dl-haproxy-fill{fill:#b4560a}
.dl-fallback{stroke:#9333a8}.dl-fallback-fill{fill:#9333a8}
.dl-server-fill{fill:#3f8f47}`;
const DARK = `
.dl-ground{fill:#0f141b}
.dl-card{fill:#19212c;stroke:#3b4757}
.dl-frontend{fill:#16243d;stroke:#3d5f95}
.dl-pool{fill:#16281a;stroke:#3f6b46}
.dl-node,.dl-addresses{fill:#2a2417;stroke:#6b5a35}
.dl-more{fill:none;stroke:#3b4757}
.dl-text{fill:#e8edf4}
.dl-quiet{fill:#a9b4c2}
.dl-asks{stroke:#8a97a8}.dl-asks-fill{fill:#8a97a8}
.dl-dnsdist{stroke:#6ea4ff}.dl-dnsdist-fill{fill:#6ea4ff}
.dl-haproxy{stroke:#f0964b}.dl-haproxy-fill{fill:#f0964b}
.dl-fallback{stroke:#d58be6}.dl-fallback-fill{fill:#d58be6}
.dl-server-fill{fill:#6cc276}`;
const SHAPES = `
.dl-picture text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",Arial,sans-serif;dominant-baseline:central}
.dl-title,.dl-heading,.dl-picture-title{font-weight:600}
.dl-way{fill:none;stroke-width:1.6}
.dl-fallback{stroke-dasharray:6 4}`;
const CSS = `${SHAPES}${LIGHT}
@media (prefers-color-scheme:dark){${DARK}
}
`;

/** The picture as an element that may stand in a page. */
export function pictureOf(topology: Topology): Markup {
  const layout = layoutOf(topology);
  const { width, height } = layout;
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  const label = `${topology.title}: ${topology.summary}`;
  return element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", class: "dl-picture", ...size, role: "img", "aria-label": label },
    element("title", {}, label),
    styleSheet(CSS),
    element("rect", { class: "dl-ground", width, height, rx: 8 }),
    ...layout.ways.map(wayElement),
    ...[...layout.nodes, ...layout.cards].map(cardElement),
    ...layout.texts.map(textElement),
    ...legendElements(layout),
  );
}

/** A picture as a file. */
export function pictureFile(picture: Markup): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${picture.text}\n`;
}

const CLASSES: Readonly<Record<PlacedText["style"], string>> = {
  plain: "dl-text",
  server: "dl-text",
  dnsdist: "dl-text",
  haproxy: "dl-text",
  quiet: "dl-quiet",
  title: "dl-text dl-title",
  heading: "dl-quiet dl-heading",
  picture: "dl-text dl-picture-title",
};

function textElement({ box, text, whole, size, style }: PlacedText): Markup {
  const place = { x: box.x, y: box.y + box.height / 2, "font-size": size };
  return element(
    "text",
    { class: CLASSES[style], ...place },
    ...(whole === undefined ? [] : [element("title", {}, whole)]),
    text,
  );
}

function cardElement({ card, title, lines, x, y, width, height }: PlacedCard): Markup {
  return element(
    "g",
    { "data-card": card.kind },
    element("rect", { class: `dl-card dl-${card.kind}`, x, y, width, height, rx: 7 }),
    textElement(title),
    ...lines.flatMap((line) => [...markOf(line), textElement(line)]),
  );
}

const MARK_SIZE = 8;

/** What stands before a line: a square for an engine, a dot for a server. */
function markOf({ box, style }: PlacedText): readonly Markup[] {
  const middle = box.y + box.height / 2;
  if (style === "server") return [element("circle", { class: "dl-server-fill", cx: box.x - 10, cy: middle, r: 3 })];
  if (style !== "dnsdist" && style !== "haproxy") return [];
  const place = { x: box.x - 14, y: middle - MARK_SIZE / 2, width: MARK_SIZE, height: MARK_SIZE, rx: 2 };
  return [element("rect", { class: `dl-${style}-fill`, ...place })];
}

function wayElement({ way, points }: PlacedWay): Markup {
  const end = points.at(-1) ?? { x: 0, y: 0 };
  return element(
    "g",
    { "data-way": way.kind },
    element("path", {
      class: `dl-way dl-${way.kind}`,
      d: pathOf([...points.slice(0, -1), { x: end.x - ARROW, y: end.y }]),
    }),
    arrowElement(way.kind, end),
  );
}

const ARROW = 7;

function arrowElement(kind: Way["kind"], { x, y }: Point): Markup {
  return element("path", { class: `dl-${kind}-fill`, d: `M${digits(x)} ${digits(y)}l-8 -4v8z` });
}

/** A line that leaves and arrives level; every second stretch is straight, because it passes cards. */
function pathOf(points: readonly Point[]): string {
  const [first, ...others] = points;
  if (first === undefined) return "";
  let [before, text] = [first, `M${digits(first.x)} ${digits(first.y)}`];
  for (const [index, point] of others.entries()) {
    const middle = (before.x + point.x) / 2;
    text +=
      index % 2 === 1
        ? `H${digits(point.x)}`
        : `C${digits(middle)} ${digits(before.y)} ${digits(middle)} ${digits(point.y)} ${digits(point.x)} ${digits(point.y)}`;
    before = point;
  }
  return text;
}

function digits(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function legendElements({ legend }: Layout): readonly Markup[] {
  return legend.flatMap(({ kind, from, text }) => [
    element("path", { class: `dl-way dl-${kind}`, d: `M${digits(from.x)} ${digits(from.y)}h25` }),
    arrowElement(kind, { x: from.x + 32, y: from.y }),
    textElement(text),
  ]);
}
