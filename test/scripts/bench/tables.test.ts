import { expect, test } from "vitest";
import type { Figure, Ratio } from "../../../scripts/bench/results.js";
import { showResults } from "../../../scripts/bench/tables.js";

const sample = (low: number, median: number, high: number) => ({ values: [low, median, high], low, median, high });

test("figures are shown in a unit that fits, ratios with their pairs", () => {
  const figures: Figure[] = [
    { name: "udp/shipped", title: "shipped", unit: "queries/s", ...sample(67_890.2, 68_123.4, 71_000.9) },
    { name: "latency/p99/shipped", title: "shipped", unit: "s", ...sample(0.00031, 0.000325, 0.0004) },
    { name: "synthesis/one-pool-2000/time/ours", title: "ours", unit: "s", ...sample(2, 2.123, 2.5) },
    { name: "footprint/idle/processor/node", title: "node", unit: "% of a core", ...sample(1, 1.25, 1.5) },
  ];
  const ratios: Ratio[] = [{ name: "udp/shipped:dnsdist", title: "a / b", ...sample(0.681, 0.69, 0.702) }];
  expect(showResults({ figures, ratios })).toMatchInlineSnapshot(`
    "figure                             median  95 % interval     unit
    udp/shipped                        68,123  67,890 to 71,001  queries/s
    latency/p99/shipped                0.325   0.310 to 0.400    ms
    synthesis/one-pool-2000/time/ours  2.12    2.00 to 2.50      s
    footprint/idle/processor/node      1.25    1.00 to 1.50      % of a core

    ratio                median  95 % interval  pairs
    udp/shipped:dnsdist  0.69    0.68 to 0.70       3"
  `);
});

test("a part without ratios has one table", () => {
  const figures: Figure[] = [{ name: "udp/shipped", title: "shipped", unit: "queries/s", ...sample(1, 2, 3) }];
  expect(showResults({ figures, ratios: [] }).split("\n")).toHaveLength(2);
});
