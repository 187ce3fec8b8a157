import { expect, test } from "vitest";
import { firstOf, shortened, textWidth, wrapped } from "../../lib/review/text-width.js";

test("bold and unknown letters are taken to be wide", () => {
  expect(textWidth("ii", 10)).toBeLessThan(textWidth("WW", 10));
  expect(textWidth("a", 10, true)).toBeGreaterThan(textWidth("a", 10));
  expect(textWidth("漢", 10)).toBeGreaterThanOrEqual(10);
});

test("what is written in more letters than it has is as wide as what is written", () => {
  expect(textWidth("\u202e", 10)).toBe(textWidth("\\u202e", 10));
});

test.each([
  ["short", 10, "short"],
  ["0123456789", 10, "0123456789"],
  ["0123456789a", 10, "01234…789a"],
  ["😀😀😀😀", 3, "😀…😀"],
])("%s in %i characters is %s", (text, most, expected) => {
  expect(shortened(text, most)).toBe(expected);
});

test("items stay whole and in order on lines", () => {
  expect(wrapped(["10.0.0.0/8", "192.168.0.0/16", "fd00::/8"], 26)).toEqual([
    "10.0.0.0/8,",
    "192.168.0.0/16, fd00::/8",
  ]);
  expect(wrapped([])).toEqual([]);
});

test("of many items the first are there, and the number of the others", () => {
  expect(firstOf(["a", "b", "c"], 3)).toEqual(["a", "b", "c"]);
  expect(firstOf(["a", "b", "c", "d"], 3)).toEqual(["a", "b", "and 2 more"]);
});
