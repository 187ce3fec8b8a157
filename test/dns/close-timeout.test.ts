import { expect, test } from "vitest";
import type { Duration } from "../../lib/core/duration.js";
import { checkCloseTimeout } from "../../lib/dns/close-timeout.js";

const reported = (idleTimeout: string, closeTimeout?: string) => {
  const problems: unknown[] = [];
  checkCloseTimeout({ idleTimeout: idleTimeout as Duration, closeTimeout: closeTimeout as Duration }, (...problem) => {
    problems.push(problem);
  });
  return problems;
};

test("takes what is left out, shorter, or as long in another unit", () => {
  expect([reported("10s"), reported("10s", "9s"), reported("60s", "1m")]).toEqual([[], [], []]);
});

test("leaves what is no duration to the schema", () => {
  expect([reported("10", "20s"), reported("10s", "20")]).toEqual([[], []]);
});

test("fails when it is longer than the idle timeout", () => {
  expect(reported("59s", "1m")).toEqual([
    [
      "DNSLB113",
      ["closeTimeout"],
      `must not be longer than the idle timeout of "59s", got "1m"; lower it or raise 'idleTimeout'`,
    ],
  ]);
});
