import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { percentileOf, sampleOf } from "../../../scripts/bench/statistics.js";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("the interval of a median", () => {
  // The ranks of the sign test in tables for 95 %, such as those of Conover, "Practical Nonparametric Statistics".
  test.each([
    [6, 1, 6],
    [8, 1, 8],
    [9, 2, 8],
    [10, 2, 9],
    [12, 3, 10],
    [15, 4, 12],
    [20, 6, 15],
    [25, 8, 18],
    [40, 14, 27],
    [100, 40, 61],
  ])("of %i values goes from value %i to value %i", (count, low, high) => {
    expect(sampleOf(upTo(count))).toMatchObject({ low, high, median: (count + 1) / 2 });
  });

  test.each([1, 2, 5])("of %i values, too few for one, is all of them", (count) => {
    expect(sampleOf(upTo(count))).toMatchObject({ low: 1, high: count });
  });

  test("does not depend on the order of the values, and leaves that as it was", () => {
    const values = [5, 1, 4, 2, 3, 6, 9, 8, 7];
    expect(sampleOf(values)).toEqual({ values: [5, 1, 4, 2, 3, 6, 9, 8, 7], median: 5, low: 2, high: 8 });
  });

  test("holds the true median in 95 of 100 samples, or more", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const samples = Array.from({ length: 2_000 }, () => sampleOf(Array.from({ length: 20 }, () => random() ** 3)));
    const right = samples.filter(({ low, high }) => low <= 0.5 ** 3 && high >= 0.5 ** 3);
    expect(right.length / samples.length).toBeGreaterThan(0.94);
    expect(right.length / samples.length).toBeLessThan(0.98);
  });

  test("fails when there are no values", () => {
    expect(() => sampleOf([])).toThrowErrorMatchingInlineSnapshot(`[RangeError: no values, no median]`);
  });
});

describe("percentiles", () => {
  test.each([
    [0.5, 50],
    [0.99, 99],
    [0.999, 100],
    [1, 100],
  ])("%d of a hundred values is value %i", (share, value) => {
    expect(percentileOf(upTo(100), share)).toBe(value);
  });

  test("at least the share of the values is not above it, and less than that below it", () => {
    const values = fc.array(fc.integer(), { minLength: 1 }).map((all) => all.sort((one, other) => one - other));
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (sorted, share) => {
        const found = percentileOf(sorted, share);
        expect(sorted.filter((value) => value <= found).length / sorted.length).toBeGreaterThanOrEqual(share - 1e-9);
        expect(sorted.filter((value) => value < found).length / sorted.length).toBeLessThan(share);
      }),
    );
  });

  test("fails when there are no values", () => {
    expect(() => percentileOf([], 0.5)).toThrow("no values");
  });
});
