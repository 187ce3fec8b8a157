import { describe, expect, test } from "vitest";
import { type Duration, isDuration, toMilliseconds } from "../../lib/core/duration.js";

describe("a duration", () => {
  test.each([
    ["250ms", 250],
    ["3s", 3_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["0s", 0],
  ])("%s is %d milliseconds", (text, milliseconds) => {
    expect(isDuration(text)).toBe(true);
    expect(toMilliseconds(text as Duration)).toBe(milliseconds);
  });

  test.each(["3", "", "s", "-1s", "1.5s", "1 s", "1S", "1s\n", "1w", "9999999999s"])("fails when it is %j", (text) => {
    expect(isDuration(text)).toBe(false);
    expect(() => toMilliseconds(text as Duration)).toThrow(RangeError);
  });
});
