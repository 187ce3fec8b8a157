import { expect, test } from "vitest";
import { fileNames } from "../../lib/core/file-names.js";

test.each([
  [
    ["dns", "site.dns"],
    ["dns", "site.dns"],
  ],
  [
    ["a-b", "a-b", "a-b"],
    ["a-b", "a-b_2", "a-b_3"],
  ],
  // File systems of Windows and macOS do not tell capitals from other letters.
  [
    ["LB1", "lb1", "Lb1_2"],
    ["LB1", "lb1_2", "Lb1_2_2"],
  ],
  // Windows opens devices instead, also with something behind a point.
  [
    ["con", "NUL", "com1.dns", "aux-1", "console"],
    ["con_", "NUL_", "com1_.dns", "aux-1", "console"],
  ],
  [
    ["con", "con_"],
    ["con_", "con__2"],
  ],
  // Hidden, or without their last point on Windows.
  [
    ["", ".dns", "dns.", "..."],
    ["_", "dns", "dns_2", "__2"],
  ],
])("%j are %j as names of files", (texts, names) => {
  expect(fileNames(texts)).toEqual(names);
});

test("long texts keep their end, and stay different", () => {
  const names = fileNames(["a", "b"].map((each) => `${each}${".site".repeat(60)}.dns`));
  expect(names[0]).toMatch(/\.site\.dns$/);
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name.length).toBeLessThan(130);
});
