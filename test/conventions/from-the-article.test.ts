import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ARTICLE_ROWS, OTHER_ROWS } from "../../scripts/mutate/mutation.js";
import { MUTATIONS } from "../../scripts/mutate/mutations.js";

const DOCS = join(__dirname, "../../docs");
const PAGE = readFileSync(join(DOCS, "from-the-article.md"), "utf8");
const TABLE = PAGE.split("\n").filter((line) => /^\| S\d\d \|/.test(line));
const REFERENCE = /\[[^\]]+\]\((\.\.\/test\/[^)]+)\): "((?:[^"\\]|\\.)+)"/g;

interface Reference {
  readonly row: string;
  readonly file: string;
  readonly name: string;
}

const references: readonly Reference[] = TABLE.flatMap((line) =>
  [...line.matchAll(REFERENCE)].map(([, file = "", name = ""]) => ({
    row: line.slice(2, 5),
    file: file.replace("../", ""),
    name: name.replaceAll('\\"', '"'),
  })),
);

/** Whether a source has a test whose name begins so, up to what `test.each` fills in. */
function isTestOf(source: string, name: string): boolean {
  if (source.includes(`"${name}`)) return true;
  const templates = [...source.matchAll(/"([^"\n]+?)%[sj]/g)].map(([, before = ""]) => before);
  return templates.some((before) => name.startsWith(before));
}

describe("docs/from-the-article.md", () => {
  test("has every snippet of the article, in order", () => {
    expect(TABLE.map((line) => line.slice(2, 5))).toEqual(ARTICLE_ROWS);
  });

  test("names a test for every snippet", () => {
    expect(ARTICLE_ROWS.filter((row) => !references.some((each) => each.row === row))).toEqual([]);
  });

  test.each(references)("$row is proved by a test that there is: $name", ({ file, name }) => {
    const path = join(DOCS, "..", file);
    expect(existsSync(path)).toBe(true);
    expect(isTestOf(readFileSync(path, "utf8"), name)).toBe(true);
  });

  test("says of every mutation which test notices it", () => {
    const known = (row: string, file: string) => references.some((each) => each.row === row && each.file === file);
    const ofArticle = MUTATIONS.filter(({ row }) => !OTHER_ROWS.includes(row));
    expect(ofArticle.filter(({ row, test: { file } }) => !known(row, file))).toEqual([]);
  });
});

test.each(MUTATIONS)("a mutation of $row names a test that there is: $test.name", ({ test: { file, name } }) => {
  expect(isTestOf(readFileSync(join(DOCS, "..", file), "utf8"), name)).toBe(true);
});
