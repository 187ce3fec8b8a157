import { expect, test } from "vitest";
import { bullets, code, codes } from "../../lib/diff/markdown.js";

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
