import { describe, expect, test } from "vitest";
import { parsePercentage } from "../../lib/core/percentage.js";

describe("parsePercentage()", () => {
  test.each([
    ["1%", 1],
    ["50%", 50],
    ["100%", 100],
  ])("%s is %d", (text, percent) => {
    expect(parsePercentage(text)).toBe(percent);
  });

  test.each(["", "0%", "101%", "050%", "12.5%", "-1%", "50", "50 %", "½%", "1e1%"])(
    "fails when the text is %j",
    (text) => {
      expect(parsePercentage(text)).toBeUndefined();
    },
  );
});
