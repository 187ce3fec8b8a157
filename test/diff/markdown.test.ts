import { expect, test } from "vitest";
import { bullets, code, codes, comment } from "../../lib/diff/markdown.js";

test.each([
  ["plain", "`plain`"],
  ["a`b``c", "```a`b``c```"],
  ["`", "`` ` ``"],
  ["", "`  `"],
  ["a | b", "`a ¦ b`"],
  ["two\nlines\t", "`two lines`"],
  ["\u202e<script>", "`\\u202e<script>`"],
  ["[x](https://example.com) @team", "`[x](https://example.com) @team`"],
])("%j is %s", (text, written) => {
  expect(code(text)).toBe(written);
});

test("of many texts the first are shown", () => {
  expect(codes(["a", "b", "c"], 2)).toBe("`a`, `b` and 1 more");
});

test("a list without lines has no title", () => {
  expect(bullets("Title", [])).toEqual([]);
  expect(bullets("Title", ["a"])).toEqual(["**Title**", "", "- a", ""]);
});

test("of a long text the middle is left out, of a long list and of a long comment the end", () => {
  expect(code("x".repeat(5_000)).length).toBeLessThan(210);
  expect(bullets("Title", Array(100).fill("a")).slice(-3)).toEqual(["- a", "- and 70 more", ""]);
  const lines = Array(1_000).fill("x".repeat(99));
  expect(comment(lines)).toMatch(/x\n\n400 more lines are left out\.\n$/);
  expect(comment(lines).length).toBeLessThan(65_536);
  expect(comment(["a", "b", ""])).toBe("a\nb\n");
});
