import { expect, test } from "vitest";
import { kilobytesOf, memory, processorTime, ticksOf } from "../../../scripts/bench/usage.js";

test("the ticks of a process are its own and those of its children, whatever its name", () => {
  expect(ticksOf("42 (a b) c) S 1 42 42 0 -1 4194560 5 6 7 8 100 20 3 4 20 0 1 0 12345 1 2")).toBe(127);
});

test("memory is the proportional share", () => {
  expect(
    kilobytesOf("55d0-7ffc ---p 00000000 00:00 0  [rollup]\nRss:   9000 kB\nPss:    1234 kB\nPss_Dirty: 1 kB\n"),
  ).toBe(1_234);
});

test("this process uses both, one that is gone neither", () => {
  const until = performance.now() + 50;
  while (performance.now() < until);
  expect(processorTime([process.pid])).toBeGreaterThan(0);
  expect(memory([process.pid])).toBeGreaterThan(10);
  expect(processorTime([4_194_999])).toBe(0);
  expect(memory([4_194_999])).toBe(0);
});
