import type { Card, Line, Way } from "./card.js";
import { shortened, textWidth } from "./text-width.js";
import type { Topology } from "./topology.js";

/*
 * Gives every card, line and way of a topology its place. dagre decides in which column a card stands and in which order,
 * so that few ways cross; it is loaded when the first picture is drawn.
 */

/** Sizes of letters, in pixels. */
export const FONT = { picture: 20, title: 14, line: 12 } as const;

const MARGIN = 24;
const PADDING = 12;
const TITLE_HEIGHT = 26;
const LINE_HEIGHT = 18;
/** Where the text of a line begins that has a mark before it. */
const MARK = 14;
const LEAST_WIDTH = 150;
/** Between columns, where ways turn. */
const BETWEEN_COLUMNS = 110;
const BETWEEN_CARDS = 22;
const BETWEEN_WAYS = 10;
/** Between the cards of nodes. */
const BETWEEN_NODES = 28;
/** A row of nodes is at least as wide as this before it wraps. */
const LEAST_ROW = 1_200;
/** The longest text of a line, in characters; the middle of a longer one is left out. */
const LONGEST = 52;
const HEADING_HEIGHT = 26;

/** A rectangle. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A text and the box that it stays in. `y` of the text is the middle of its box. */
export interface PlacedText {
  readonly box: Box;
  readonly text: string;
  /** What is left out of `text`, if something is. */
  readonly whole?: string;
  readonly size: number;
  readonly style: Line["style"] | "title" | "heading" | "picture";
}

/** A card with its place. */
export interface PlacedCard extends Box {
  readonly card: Card;
  readonly title: PlacedText;
  readonly lines: readonly PlacedText[];
}

/** A point. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A way with the points through which it goes, from left to right: between two it bends, or is level. */
export interface PlacedWay {
  readonly way: Way;
  readonly points: readonly Point[];
}

/** A topology with places. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly PlacedText[];
  readonly nodes: readonly PlacedCard[];
  readonly cards: readonly PlacedCard[];
  readonly ways: readonly PlacedWay[];
  readonly legend: readonly { readonly kind: Way["kind"]; readonly from: Point; readonly text: PlacedText }[];
}

/** Lays a topology out. Same input, same places. */
export function layoutOf(topology: Topology): Layout {
  const flow = flowOf(topology);
  const title = textAt(MARGIN, MARGIN, { text: topology.title, size: FONT.picture, style: "picture", height: 30 });
  const summary = textAt(MARGIN, MARGIN + 30, { text: topology.summary, size: FONT.line, style: "quiet", height: 20 });
  const row = rowOf(topology.nodes, MARGIN + 64 + HEADING_HEIGHT, Math.max(LEAST_ROW, flow.width));
  const nodesHeading = heading(
    MARGIN + 64,
    topology.nodes.filter(({ kind }) => kind === "node").length === 1 ? "Node" : "Nodes, each with all that is below",
  );
  const flowTop = row.bottom + 24;
  const flowHeading = heading(flowTop, "From clients to servers");
  const moved = { x: MARGIN, y: flowTop + HEADING_HEIGHT };
  const cards = flow.cards.map((card) => movedCard(card, moved));
  const ways = flow.ways.map(({ way, points }) => ({
    way,
    points: points.map(({ x, y }) => ({ x: x + moved.x, y: y + moved.y })),
  }));
  const legend = legendAt(moved.y + flow.height + 24, topology.ways);
  const texts = [title, summary, nodesHeading, flowHeading];
  const widest = [...texts, ...legend.map(({ text }) => text)].map(({ box }) => box.x + box.width);
  const right = Math.max(...widest, row.right, moved.x + flow.width);
  const bottom = legend.length === 0 ? moved.y + flow.height : moved.y + flow.height + 24 + 20;
  return {
    width: Math.ceil(right + MARGIN),
    height: Math.ceil(bottom + MARGIN),
    texts,
    nodes: row.cards,
    cards,
    ways,
    legend,
  };
}

interface TextPlan {
  readonly text: string;
  readonly size: number;
  readonly style: PlacedText["style"];
  readonly height: number;
}

const BOLD: ReadonlySet<PlacedText["style"]> = new Set(["title", "heading", "picture"]);

function textAt(x: number, y: number, { text, size, style, height }: TextPlan): PlacedText {
  const shown = shortened(text, style === "quiet" && size === FONT.line ? LONGEST * 2 : LONGEST);
  const box = { x, y, width: textWidth(shown, size, BOLD.has(style)), height };
  return { box, text: shown, ...(shown === text ? {} : { whole: text }), size, style };
}

function heading(y: number, text: string): PlacedText {
  return textAt(MARGIN, y, { text, size: FONT.title, style: "heading", height: 20 });
}

/** A card without a place, as wide as its texts need. */
interface SizedCard {
  readonly card: Card;
  readonly width: number;
  readonly height: number;
}

function sized(card: Card): SizedCard {
  const title = textWidth(shortened(card.title, LONGEST), FONT.title, true);
  const lines = card.lines.map(({ text, style }) => indent(style) + textWidth(shortened(text, LONGEST), FONT.line));
  const width = Math.max(LEAST_WIDTH, title + 2 * PADDING, ...lines.map((each) => each + 2 * PADDING));
  const height = TITLE_HEIGHT + card.lines.length * LINE_HEIGHT + PADDING;
  return { card, width: Math.ceil(width), height };
}

function indent(style: Line["style"]): number {
  return style === "plain" || style === "quiet" ? 0 : MARK;
}

function placed({ card, width, height }: SizedCard, { x, y }: Point): PlacedCard {
  const titlePlan: TextPlan = { text: card.title, size: FONT.title, style: "title", height: TITLE_HEIGHT - 6 };
  const lines = card.lines.map(({ text, style }, index) => {
    const top = y + TITLE_HEIGHT + index * LINE_HEIGHT;
    const shown = shortened(text, LONGEST);
    const box = { x: x + PADDING + indent(style), y: top, width: textWidth(shown, FONT.line), height: LINE_HEIGHT };
    return { box, text: shown, ...(shown === text ? {} : { whole: text }), size: FONT.line, style };
  });
  return { x, y, width, height, card, title: textAt(x + PADDING, y + 6, titlePlan), lines };
}

function movedCard(card: PlacedCard, by: Point): PlacedCard {
  return placed(card, { x: card.x + by.x, y: card.y + by.y });
}

/** Cards side by side, in as many rows as they need. */
function rowOf(cards: readonly Card[], top: number, width: number) {
  const found: PlacedCard[] = [];
  let [x, y, lowest, right] = [MARGIN, top, top, MARGIN];
  for (const each of cards.map(sized)) {
    if (x > MARGIN && x + each.width > MARGIN + width) [x, y] = [MARGIN, lowest + BETWEEN_NODES];
    found.push(placed(each, { x, y }));
    x += each.width + BETWEEN_NODES;
    right = Math.max(right, x - BETWEEN_NODES);
    lowest = Math.max(lowest, y + each.height);
  }
  return { cards: found, bottom: lowest, right };
}

interface Flow {
  readonly width: number;
  readonly height: number;
  readonly cards: readonly PlacedCard[];
  readonly ways: readonly PlacedWay[];
}

/** Places the cards that queries pass, in columns from left to right. */
function flowOf({ cards, ways }: Topology): Flow {
  const { Graph, layout } = require("@dagrejs/dagre") as typeof import("@dagrejs/dagre", { with: {
    "resolution-mode": "import",
  }});
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", ranksep: BETWEEN_COLUMNS, nodesep: BETWEEN_CARDS, edgesep: BETWEEN_WAYS });
  const sizes = sameWidths(cards.map(sized));
  // Numbers, because dagre joins the ids of the ends of ways with characters of its own.
  const numbers = new Map(sizes.map(({ card }, index) => [card.id, String(index)]));
  const numberOf = (id: string) => numbers.get(id) ?? id;
  for (const { card, width, height } of sizes) graph.setNode(numberOf(card.id), { width, height });
  for (const [index, { from, to }] of ways.entries()) graph.setEdge(numberOf(from), numberOf(to), {}, String(index));
  layout(graph);
  const found = sizes.map((each) => {
    const { x, y } = graph.node(numberOf(each.card.id)) as Point;
    return placed(each, { x: x - each.width / 2, y: y - each.height / 2 });
  });
  const byId = new Map(found.map((each) => [each.card.id, each]));
  const columns = columnsOf(found);
  const routed = ways.flatMap((way, index): PlacedWay[] => {
    const [from, to] = [byId.get(way.from), byId.get(way.to)];
    if (from === undefined || to === undefined) return [];
    const { points = [] } = graph.edge(numberOf(way.from), numberOf(way.to), String(index)) as {
      readonly points?: readonly Point[];
    };
    return [{ way, points: route(way, from, to, passed(points, columns, from, to)) }];
  });
  const right = Math.max(0, ...found.map(({ x, width }) => x + width));
  const bottom = Math.max(
    0,
    ...found.map(({ y, height }) => y + height),
    ...routed.flatMap(({ points }) => points.map(({ y }) => y)),
  );
  return { width: right, height: bottom, cards: found, ways: routed };
}

/** Cards of one kind are equally wide, so that columns have straight edges. */
function sameWidths(cards: readonly SizedCard[]): readonly SizedCard[] {
  const widths = new Map<string, number>();
  for (const { card, width } of cards) widths.set(card.kind, Math.max(width, widths.get(card.kind) ?? 0));
  return cards.map((each) => ({ ...each, width: widths.get(each.card.kind) ?? each.width }));
}

/** From where to where the cards of a column reach. */
interface Column {
  readonly left: number;
  readonly right: number;
}

function columnsOf(cards: readonly PlacedCard[]): readonly Column[] {
  const columns = new Map<number, Column>();
  for (const { x, width } of cards) {
    const middle = Math.round(x + width / 2);
    const { left = x, right = x + width } = columns.get(middle) ?? {};
    columns.set(middle, { left: Math.min(left, x), right: Math.max(right, x + width) });
  }
  return [...columns.values()].sort((a, b) => a.left - b.left);
}

/** The columns that a way passes between its ends, and at which height. */
function passed(points: readonly Point[], columns: readonly Column[], from: PlacedCard, to: PlacedCard) {
  return columns
    .filter(({ left, right }) => left > from.x + from.width && right < to.x)
    .flatMap((column) => {
      const point = points.find(({ x }) => Math.abs(x - (column.left + column.right) / 2) < 1);
      return point === undefined ? [] : [{ ...column, y: point.y }];
    });
}

function route(
  way: Way,
  from: PlacedCard,
  to: PlacedCard,
  between: readonly (Column & { readonly y: number })[],
): readonly Point[] {
  const line = way.line === undefined ? undefined : from.lines[way.line];
  const start = { x: from.x + from.width, y: middleOf(line?.box ?? from.title.box) };
  // Ways of one kind end at one place of a card, so that there are not more arrows than can be told apart.
  const end = { x: to.x, y: middleOf(to.title.box) + (way.kind === "haproxy" ? LINE_HEIGHT : 0) };
  return [
    start,
    ...between.flatMap(({ left, right, y }) => [
      { x: left, y },
      { x: right, y },
    ]),
    end,
  ];
}

function middleOf({ y, height }: Box): number {
  return y + height / 2;
}

const LEGEND: readonly { readonly kind: Way["kind"]; readonly text: string }[] = [
  { kind: "asks", text: "asks" },
  { kind: "dnsdist", text: "queries, by dnsdist" },
  { kind: "haproxy", text: "connections, by HAProxy" },
  { kind: "fallback", text: "while all servers are down" },
];

/** What the kinds of ways mean, for those that there are. */
function legendAt(y: number, ways: readonly Way[]): Layout["legend"] {
  const kinds = new Set(ways.map(({ kind }) => kind));
  let x = MARGIN;
  return LEGEND.filter(({ kind }) => kinds.has(kind)).map(({ kind, text }) => {
    const placedText = textAt(x + 40, y, { text, size: FONT.line, style: "quiet", height: 20 });
    const from = { x, y: y + 10 };
    x = placedText.box.x + placedText.box.width + 28;
    return { kind, from, text: placedText };
  });
}
