import { expect, test } from "vitest";
import { picturesOf } from "../../../scripts/bench/pictures.js";
import type { Figure } from "../../../scripts/bench/results.js";

const sample = { values: [1, 2, 3], low: 1, median: 2, high: 3 };
const figure = (name: string, title: string): Figure => ({ name, title, unit: "queries/s", ...sample });
const report = {
  figures: [
    figure("udp/shipped", "as shipped"),
    figure("udp/dnsdist", "by hand"),
    figure("tcp/one/shipped", "as shipped"),
  ],
  ratios: [{ name: "udp/shipped:dnsdist", title: "as shipped / by hand", ...sample }],
};

test("there is a picture for each group of figures, and one for all ratios", () => {
  const pictures = picturesOf(report);
  expect(Object.keys(pictures)).toEqual(["udp", "tcp-one", "ratios"]);
  for (const svg of Object.values(pictures)) expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  expect(pictures["udp"]).toContain("by hand");
  expect(pictures["ratios"]).toContain("udp/shipped:dnsdist");
});

test("without ratios there is no picture of them", () => {
  expect(Object.keys(picturesOf({ ...report, ratios: [] }))).toEqual(["udp", "tcp-one"]);
});
