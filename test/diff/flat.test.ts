import { expect, test } from "vitest";
import { changedSettings } from "../../lib/diff/flat.js";

test("settings are compared by the names of things, whatever their order", () => {
  const before = {
    list: [
      { name: "a", x: 1 },
      { name: "b", x: 2 },
    ],
    plain: ["p", "q"],
    gone: true,
    same: { deep: "1s" },
  };
  const after = {
    list: [
      { name: "b", x: 3 },
      { name: "a", x: 1 },
    ],
    plain: ["p"],
    same: { deep: "1s" },
    fresh: [],
  };
  expect(changedSettings(before, after)).toEqual([
    { path: "fresh", after: "none" },
    { path: "gone", before: "true" },
    { path: "list[b].x", before: "2", after: "3" },
    { path: "plain", before: "p, q", after: "p" },
  ]);
});

test("things without names, or with one name twice, are compared by their places", () => {
  expect(changedSettings([{ x: 1 }, { x: 2 }], [{ x: 1 }, { x: 3 }])).toEqual([
    { path: "[1].x", before: "2", after: "3" },
  ]);
  const twice = [{ name: "a" }, { name: "a" }];
  expect(changedSettings(twice, [...twice, { name: "b" }])).toEqual([{ path: "[2].name", after: "b" }]);
});
