import { describe, expect, test } from "vitest";
import { isBlurred, judge, showVerdict, showVerdicts } from "../../../scripts/bench/bounds.js";
import { PARTS, QUICK } from "../../../scripts/bench/parts/index.js";

const ratio = (name: string, low: number, median: number, high: number) => ({
  ...{ name, title: name, values: [low, median, high] },
  ...{ low, median, high },
});
const results = (low: number, median: number, high: number) => ({
  figures: [],
  ratios: [ratio("udp/shipped:dnsdist", low, median, high)],
});
const bound = (limit: { atLeast: number } | { atMost: number }) => [{ of: "udp/shipped:dnsdist", title: "UDP", limit }];

describe("a bound", () => {
  test.each([
    ["is reached by the upper end", { atLeast: 0.95 }, [0.85, 0.9, 0.95], true],
    ["is not reached", { atLeast: 0.95 }, [0.85, 0.9, 0.94], false],
    ["is reached from above by the lower end", { atMost: 1.25 }, [1.25, 1.4, 1.6], true],
    ["is not reached from above", { atMost: 1.25 }, [1.26, 1.4, 1.6], false],
  ] as const)("%s", (_, limit, [low, median, high], kept) => {
    const [verdict] = judge(bound(limit), results(low, median, high));
    expect(verdict).toMatchObject({ kept, seen: { low, median, high } });
  });

  test("fails when it was not measured", () => {
    const verdicts = judge(
      [{ of: "udp/cache:dnsdist-cache", title: "cache", limit: { atLeast: 0.95 } }],
      results(1, 1, 1),
    );
    expect(verdicts).toEqual([
      { of: "udp/cache:dnsdist-cache", title: "cache", limit: { atLeast: 0.95 }, kept: false },
    ]);
  });

  test("also stands for a figure that is no ratio", () => {
    const figure = { ...ratio("footprint/idle/processor/node", 1.2, 1.5, 2.5), unit: "% of a core" } as const;
    const bounds = [{ of: figure.name, title: "idle", limit: { atMost: 2 } }];
    expect(judge(bounds, { figures: [figure], ratios: [] })).toMatchObject([{ kept: true }]);
  });
});

test("bounds are shown with what was seen", () => {
  const unmeasured = { of: "udp/cache:dnsdist-cache", title: "UDP, cache", limit: { atLeast: 0.95 } };
  const verdicts = judge([...bound({ atLeast: 0.95 }), unmeasured], results(0.9, 0.93, 0.961));
  expect(showVerdicts(verdicts)).toMatchInlineSnapshot(`
    "bound       limit          median        95 % interval
    UDP         at least 0.95  0.93          0.90 to 0.96   kept
    UDP, cache  at least 0.95  not measured                 NOT KEPT"
  `);
  expect(showVerdict(verdicts, 61.4)).toMatchInlineSnapshot(`"FAILED: 1 of 2 bounds not kept, in 61 s"`);
  expect(showVerdict(verdicts.slice(0, 1), 61.4)).toMatchInlineSnapshot(`"PASSED: all 1 bounds kept, in 61 s"`);
});

test("an interval is blurred that is wide against its median", () => {
  expect(isBlurred({ low: 0.9, median: 1, high: 1.19 })).toBe(false);
  expect(isBlurred({ low: 0.8, median: 1, high: 1.2 })).toBe(true);
});

test("each bound of the bench has a name of its own, in its own part", () => {
  const names = [...PARTS, ...QUICK].flatMap(({ name, bounds }) => bounds.map(({ of }) => [name, of] as const));
  expect(names.filter(([part, of]) => !of.startsWith(`${part}/`))).toEqual([]);
  expect(new Set(names.map(([, of]) => of)).size).toBe(names.length);
});
