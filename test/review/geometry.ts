import type { Box, Layout, Point } from "../../lib/review/layout.js";

/** A box with what it is. */
export interface Named extends Box {
  readonly what: string;
}

/** Every text of a layout. */
export function textsOf({ texts, nodes, cards, legend }: Layout): readonly Named[] {
  const all = [
    ...texts,
    ...[...nodes, ...cards].flatMap(({ title, lines }) => [title, ...lines]),
    ...legend.map(({ text }) => text),
  ];
  return all.map(({ box, text }) => ({ ...box, what: text }));
}

/** The cards of a layout. */
export function cardsOf({ nodes, cards }: Layout): readonly Named[] {
  return [...nodes, ...cards].map((each) => ({ ...each, what: each.card.id }));
}

/** Pairs of boxes that cover each other. */
export function overlaps(boxes: readonly Named[]): readonly string[] {
  return boxes.flatMap((one, at) =>
    boxes.slice(at + 1).flatMap((other) => (covers(one, other) ? [`${one.what} and ${other.what}`] : [])),
  );
}

/** The boxes that are in no other box of a list. */
export function outside(boxes: readonly Named[], holders: readonly Box[]): readonly string[] {
  const isIn = (box: Box, holder: Box) =>
    box.x >= holder.x &&
    box.y >= holder.y &&
    box.x + box.width <= holder.x + holder.width &&
    box.y + box.height <= holder.y + holder.height;
  return boxes.filter((box) => !holders.some((holder) => isIn(box, holder))).map(({ what }) => what);
}

/** The cards that a way runs through, other than those that it joins. */
export function crossedBy({ ways, cards, nodes }: Layout): readonly string[] {
  return ways.flatMap(({ way, points }) =>
    [...cards, ...nodes].flatMap(({ card, ...box }) =>
      card.id !== way.from && card.id !== way.to && pointsAlong(points).some((point) => isWithin(point, box))
        ? [`${way.from} to ${way.to} crosses ${card.id}`]
        : [],
    ),
  );
}

function covers(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function isWithin({ x, y }: Point, box: Box): boolean {
  return x > box.x + 1 && x < box.x + box.width - 1 && y > box.y + 1 && y < box.y + box.height - 1;
}

/** Points of the curves and level stretches of a way. */
function pointsAlong(points: readonly Point[]): readonly Point[] {
  return points.slice(1).flatMap((end, at) => {
    const start = points[at] as Point;
    return Array.from({ length: 41 }, (_, step) => between(start, end, step / 40));
  });
}

/** A cubic curve that leaves and arrives level, with its bends in the middle. */
function between(start: Point, end: Point, part: number): Point {
  const middle = (start.x + end.x) / 2;
  const rest = 1 - part;
  const [a, b, c, d] = [rest ** 3, 3 * rest ** 2 * part, 3 * rest * part ** 2, part ** 3];
  return { x: a * start.x + (b + c) * middle + d * end.x, y: (a + b) * start.y + (c + d) * end.y };
}
