import { expect, test } from "vitest";
import { isSize, toBytes } from "../../lib/core/size.js";

test.each([
  ["4k", 4_096],
  ["96m", 100_663_296],
  ["2g", 2_147_483_648],
] as const)("%s is %i bytes", (size, bytes) => {
  expect(isSize(size)).toBe(true);
  expect(toBytes(size)).toBe(bytes);
});

test.each(["", "96", "m", "1.5m", "-1m", "1M", "1mb", " 1m", "1m\n"])("fails when a size is %j", (text) => {
  expect(isSize(text)).toBe(false);
  expect(() => toBytes(text as never)).toThrow(RangeError);
});
