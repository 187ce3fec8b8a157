import { describe, expect, test } from "vitest";
import { parseRate } from "../../lib/core/rate.js";

describe("a rate", () => {
  test.each([
    ["100/10s", { events: 100, period: 10_000 }],
    ["5/s", { events: 5, period: 1_000 }],
    ["1/m", { events: 1, period: 60_000 }],
    ["7/250ms", { events: 7, period: 250 }],
  ])("%s is %o", (text, parts) => {
    expect(parseRate(text)).toEqual({ ...parts, text });
  });

  test.each(["100", "100/", "/10s", "0/s", "-1/s", "1.5/s", "5/0s", "5/s/s", "5/10", "5/d", "5 / s", "5/s\n"])(
    "fails when it is %j",
    (text) => {
      expect(parseRate(text)).toBeUndefined();
    },
  );
});
