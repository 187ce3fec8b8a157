import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withFigures, wrongFigures } from "../../../scripts/figures/places.js";
import { type Recorded, recordedFigures } from "../../../scripts/figures/recorded.js";

const root = join(__dirname, "..", "..", "..");
const pages = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
const files = ["README.md", ...pages.map((page) => `docs/${page}`)];
const recorded = recordedFigures(root);

test.each(files)("%s tells the figures of the records", (file) => {
  expect(wrongFigures(readFileSync(join(root, file), "utf8"), recorded)).toEqual([]);
});

test("the documentation tells figures of every record", () => {
  const text = files.map((file) => readFileSync(join(root, file), "utf8")).join();
  for (const record of ["quickstart", "drill", "upgrade"]) expect(text).toContain(`<!-- figure: ${record}.`);
});

describe("a text", () => {
  const records: Recorded = { numbers: { "a.gap": "1,006", "a.lost": "0" }, blocks: { "a.console": "one\ntwo" } };
  const block = (text: string) => `<!-- recorded: a.console -->\n\`\`\`text\n${text}\`\`\`\n`;

  test("passes when its figures are the recorded ones", () => {
    const text = `It took 1,006<!-- figure: a.gap --> ms; 0<!-- figure: a.lost --> were lost.\n\n${block("one\ntwo\n")}`;
    expect(wrongFigures(text, records)).toEqual([]);
  });

  test.each([
    ["a figure differs", "It took 906<!-- figure: a.gap --> ms.", "a.gap is 1,006, not 906"],
    ["a mark has no figure", "It took <!-- figure: a.gap --> ms.", "a.gap is 1,006, not told"],
    ["a figure has no record", "It took 5<!-- figure: b.gap --> ms.", "no record has a figure b.gap"],
    ["a block differs", block("one\n"), "a.console is not what the record shows"],
    ["a block has no record", block("one\n").replace("a.", "b."), "no record has a block b.console"],
    ["a mark cannot be read", "It took 1,006<!-- figure: the gap --> ms.", "1 marks of figures are written wrongly"],
    [
      "a measured figure has no mark",
      "It lost 2 of 4,000 queries.",
      '"2 of 4,000 queries" is measured and has no mark',
    ],
  ])("fails when %s", (_why, text, problem) => {
    expect(wrongFigures(text, records)).toEqual([problem]);
  });

  test("gets the recorded figures in their places, and only there", () => {
    const text = `5 s, 5<!-- figure: a.gap --> ms, <!-- figure: a.lost --> lost\n\n${block("")}\nEnd.`;
    expect(withFigures(text, records)).toBe(
      `5 s, 1,006<!-- figure: a.gap --> ms, 0<!-- figure: a.lost --> lost\n\n${block("one\ntwo\n")}\nEnd.`,
    );
  });
});
