import { expect, test } from "vitest";
import { type Contender, compete } from "../../../scripts/bench/pairs.js";

const [ours, peer, other] = ["ours", "peer", "other"].map((name): Contender => ({ name, title: name.toUpperCase() }));
const RATE = [{ name: "", title: "", unit: "queries/s" }] as const;

test("both of a pair run next to each other, and all change their order in every second round", async () => {
  const runs: string[] = [];
  await compete({
    ...{
      name: "udp",
      pairs: [
        [ours, peer],
        [ours, other],
      ] as [Contender, Contender][],
      rounds: 3,
      metrics: RATE,
    },
    run: async ({ name }) => {
      runs.push(name);
      return [1];
    },
  });
  expect(runs).toEqual([
    ...["ours", "peer", "ours", "other"],
    ...["other", "ours", "peer", "ours"],
    ...["ours", "peer", "ours", "other"],
  ]);
});

test("ratios are those of adjacent runs, whichever ran first", async () => {
  let time = 0;
  const { figures, ratios } = await compete({
    ...{ name: "udp", pairs: [[ours, peer]] as [Contender, Contender][], rounds: 4, metrics: RATE },
    // A machine that becomes slower and slower.
    run: async ({ name }) => {
      time += 1;
      return [(name === "ours" ? 90 : 100) / time];
    },
  });
  expect(ratios).toEqual([
    {
      ...{ name: "udp/ours:peer", title: "OURS / PEER" },
      values: [(0.9 * 2) / 1, (0.9 * 3) / 4, (0.9 * 6) / 5, (0.9 * 7) / 8].map((value) => expect.closeTo(value, 10)),
      median: expect.closeTo((0.9 * (7 / 8 + 6 / 5)) / 2, 10),
      low: expect.closeTo(0.675, 10),
      high: expect.closeTo(1.8, 10),
    },
  ]);
  expect(figures.map(({ name, unit, values }) => [name, unit, values.length])).toEqual([
    ["udp/ours", "queries/s", 4],
    ["udp/peer", "queries/s", 4],
  ]);
});

test("several metrics of a run are figures of their own", async () => {
  const metrics = [
    { name: "p50", title: "median", unit: "s" },
    { name: "p99", title: "99th percentile", unit: "s" },
  ] as const;
  const { figures, ratios } = await compete({
    ...{ name: "latency", pairs: [[ours, peer]] as [Contender, Contender][], rounds: 1, metrics },
    run: async ({ name }) => (name === "ours" ? [1, 6] : [2, 3]),
  });
  expect(figures.map(({ name, title, median }) => [name, title, median])).toEqual([
    ["latency/p50/ours", "OURS, median", 1],
    ["latency/p99/ours", "OURS, 99th percentile", 6],
    ["latency/p50/peer", "PEER, median", 2],
    ["latency/p99/peer", "PEER, 99th percentile", 3],
  ]);
  expect(ratios.map(({ name, median }) => [name, median])).toEqual([
    ["latency/p50/ours:peer", 0.5],
    ["latency/p99/ours:peer", 2],
  ]);
});

test("a metric that a contender does not have is no figure of it, nor of its pairs", async () => {
  const metrics = [...RATE, { name: "processor", title: "processor time of one", unit: "s" }] as const;
  const { figures, ratios } = await compete({
    ...{ name: "udp", metrics, rounds: 2 },
    pairs: [
      [ours, peer],
      [ours, other],
    ] as [Contender, Contender][],
    run: async ({ name }) => [1, name === "other" ? Number.NaN : 2],
  });
  expect(figures.map(({ name }) => name).toSorted()).toEqual([
    ...["udp/other", "udp/ours", "udp/peer", "udp/processor/ours", "udp/processor/peer"],
  ]);
  expect(ratios.map(({ name }) => name)).toEqual(["udp/ours:peer", "udp/processor/ours:peer", "udp/ours:other"]);
});
