import { describe, expect, test } from "vitest";
import { parseByteRate, parseRate } from "../../lib/core/rate.js";

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

describe("a rate of bytes", () => {
  test.each([
    ["10m/10s", { bytes: 10_485_760, period: 10_000 }],
    ["64k/s", { bytes: 65_536, period: 1_000 }],
    ["1g/h", { bytes: 1_073_741_824, period: 3_600_000 }],
  ])("%s is %o", (text, parts) => {
    expect(parseByteRate(text)).toEqual({ ...parts, text });
  });

  test.each([
    "100/10s",
    "10m",
    "10m/",
    "/10s",
    "0k/s",
    "1.5m/s",
    "5m/0s",
    "5m/s/s",
    "5m/10",
    "5M/s",
    "5mb/s",
    "5m/s\n",
  ])("fails when it is %j", (text) => {
    expect(parseByteRate(text)).toBeUndefined();
  });
});
