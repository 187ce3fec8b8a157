import { beforeAll, describe, expect, test } from "vitest";
import type { Card } from "../../lib/review/card.js";
import { layoutOf } from "../../lib/review/layout.js";
import { pictureOf } from "../../lib/review/picture.js";
import { type Topology, topologyOf } from "../../lib/review/topology.js";
import { cardsOf, crossedBy, outside, overlaps, textsOf } from "./geometry.js";
import { manyFrontends, type Reviewed, reviewedEverything, reviewedExamples } from "./reviewed.js";

/** What is wrong with the places of a picture. */
function faultsOf(topology: Topology): readonly string[] {
  const layout = layoutOf(topology);
  const [texts, cards] = [textsOf(layout), cardsOf(layout)];
  const inCards = textsOf({ ...layout, texts: [], legend: [] });
  const whole = { x: 0, y: 0, width: layout.width, height: layout.height };
  return [
    ...overlaps(texts).map((each) => `texts cover each other: ${each}`),
    ...overlaps(cards).map((each) => `cards cover each other: ${each}`),
    ...outside(inCards, cards).map((each) => `not in its card: ${each}`),
    ...outside([...texts, ...cards], [whole]).map((each) => `not in the picture: ${each}`),
    ...crossedBy(layout),
  ];
}

describe("no text is over another, no card over another, no way through a card", () => {
  let all: readonly Reviewed[];
  beforeAll(async () => {
    all = [...(await reviewedExamples()), ...reviewedEverything(), manyFrontends(40, 100), manyFrontends(7, 20)];
  }, 60_000);

  test("in pictures of the examples, of every property, and of 40 frontends", () => {
    expect(all.length).toBeGreaterThan(12);
    for (const { name, loadBalancer, specs } of all)
      expect(faultsOf(topologyOf(loadBalancer, specs)), name).toEqual([]);
  });

  test("in one with the longest names and the widest letters", () => {
    const card = (id: string, kind: Card["kind"], text: string): Card => ({
      ...{ id, kind, title: text },
      lines: [
        { text, style: "plain" },
        { text, style: "server" },
        { text, style: "dnsdist" },
      ],
    });
    const texts = ["W".repeat(63), "漢".repeat(300), "m.".repeat(120), "", "\u202e<script>"];
    const cards = texts.flatMap((text, at) => [card(`f${at}`, "frontend", text), card(`p${at}`, "pool", text)]);
    const ways = texts.flatMap((_, at) =>
      texts.map((__, to) => ({ from: `f${at}`, to: `p${to}`, line: 2, kind: "dnsdist" as const })),
    );
    const topology: Topology = {
      title: "W".repeat(80),
      summary: "s",
      nodes: [card("n", "node", "W".repeat(63))],
      cards,
      ways,
    };
    expect(faultsOf(topology)).toEqual([]);
  });

  test("in one where ways pass columns", () => {
    const card = (id: string, kind: Card["kind"]): Card => ({
      id,
      kind,
      title: id,
      lines: [{ text: id, style: "plain" }],
    });
    const cards = [
      card("c", "clients"),
      card("f", "frontend"),
      card("a", "pool"),
      card("b", "pool"),
      card("d", "pool"),
    ];
    const way = (from: string, to: string) => ({ from, to, kind: "fallback" as const });
    const ways = [way("c", "f"), way("f", "a"), way("a", "b"), way("b", "d"), way("f", "d"), way("c", "d")];
    const topology: Topology = { title: "t", summary: "s", nodes: [], cards, ways };
    expect(faultsOf(topology)).toEqual([]);
    expect(Math.max(...layoutOf(topology).ways.map(({ points }) => points.length))).toBeGreaterThan(4);
  });

  test("the same picture comes out again", () => {
    for (const { loadBalancer, specs } of all) {
      const draw = () => pictureOf(topologyOf(loadBalancer, specs)).text;
      expect(draw()).toBe(draw());
    }
  });
});

describe("a picture tells", () => {
  const linesOf = (reviewed: Reviewed, id: string) =>
    topologyOf(reviewed.loadBalancer, reviewed.specs)
      .cards.find((card) => card.id === id)
      ?.lines.map(({ text }) => text);

  test("the port of each of several listeners", () => {
    const standalone = reviewedEverything().find(({ name }) => name === "standalone") as Reviewed;
    expect(linesOf(standalone, "frontend:frontend")).toEqual(
      expect.arrayContaining(["TLS 853 by HAProxy, dnsdist (dot0)", "TLS 854 by HAProxy, dnsdist (dot1)"]),
    );
    const texts = textsOf(layoutOf(topologyOf(standalone.loadBalancer, standalone.specs))).map(({ what }) => what);
    expect(texts).toContain("Node");
  });

  test("the pool of each frontend where ways are long", () => {
    expect(linesOf(manyFrontends(40, 100), "frontend:front7")).toContain("→ pool9");
    expect(linesOf(manyFrontends(7, 20), "frontend:front1")?.filter((text) => text.startsWith("→"))).toEqual([]);
  });
});

test("pictures of large load balancers are summaries, and stay small", () => {
  const { loadBalancer, specs } = manyFrontends(120, 2_000);
  const topology = topologyOf(loadBalancer, specs);
  expect(topology.cards.length).toBeLessThan(70);
  expect(topology.cards.flatMap(({ lines }) => lines).some(({ text }) => text === "and 189 more")).toBe(true);
  expect(faultsOf(topology)).toEqual([]);
});
