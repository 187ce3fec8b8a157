import { describe, expect, test } from "vitest";
import { python } from "./python.js";

type Counts = Readonly<Record<string, number>>;

/** The rates of totals between two readings, each its time, its process and its counters. */
const between = (
  before: readonly [at: number, run: string, counts: Counts] | null,
  now: readonly [at: number, run: string, counts: Counts],
) =>
  python<Record<string, number | null>>(
    `
read = lambda each: each and Reading(each[0], Activity(each[1], totals=each[2]))
print(json.dumps(rates.rates(read(given[0]), read(given[1])).totals))`,
    [before, now],
  );

describe("a rate", () => {
  test("is the difference by the time between", () => {
    expect(between([10, "a", { q: 100, same: 7 }], [12.5, "a", { q: 150, same: 7 }])).toEqual({ q: 20, same: 0 });
  });

  test("is unknown before there are two readings, and when no time has passed", () => {
    expect(between(null, [12, "a", { q: 150 }])).toEqual({ q: null });
    expect(between([12, "a", { q: 100 }], [12, "a", { q: 150 }])).toEqual({ q: null });
    expect(between([12, "a", { q: 100 }], [11, "a", { q: 150 }])).toEqual({ q: null });
  });

  test("is never negative: a counter that is less began anew, and one that is new began at 0", () => {
    expect(between([10, "a", { q: 1_000 }], [12, "a", { q: 30, fresh: 8 }])).toEqual({ q: 15, fresh: 4 });
  });

  test("of another process is what that has counted, even if it is more than before", () => {
    expect(between([10, "a", { q: 100 }], [12, "b", { q: 150 }])).toEqual({ q: 75 });
  });

  test("of servers and listeners follows the same, with what is so now beside", () => {
    const found = python(`
server = lambda queries, up: ServerActivity(up, queries, 3, 1, 5, 7, 0.002)
one = Activity("a", {"s": server(10, True)}, {"l": ListenerActivity(5, None, 1, 2, 10)})
two = Activity("a", {"s": server(30, False), "new": ServerActivity(True)}, {"l": ListenerActivity(9, None, 2, 4, 10)})
found = rates.rates(Reading(0, one), Reading(2, two))
print(json.dumps([found.servers, found.listeners]))`);
    expect(found).toEqual([
      { s: [false, 10, 0, 1, 5, 7, 0.002], new: [true, null, null, null, null, null, null] },
      { l: [2, null, 0.5, 4, 10] },
    ]);
  });
});

describe("a number", () => {
  test.each<[string, unknown]>([
    ["text.rate(None)", "-"],
    ["text.rate(0.0)", "0.0"],
    ["text.rate(0.02)", "<0.1"],
    ["text.rate(99.94)", "99.9"],
    ["text.rate(12345.6)", "12,346"],
    ["text.share(1, 0)", "-"],
    ["text.share(None, 3)", "-"],
    ["text.share(1, 8)", "12.5 %"],
    ["text.latency(0.00042)", "0.4 ms"],
    ["text.latency(1.5)", "1,500 ms"],
    ["text.count(1234567)", "1,234,567"],
  ])("%s", (call, expected) => {
    expect(python(`print(json.dumps(${call}))`)).toBe(expected);
  });
});

test.each([
  ["\x1b[2Jevil", "\\x1b[2Jevil"],
  ["two\nlines\tand\rmore", "two\\x0alines\\x09and\\x0dmore"],
  ["\u202eright to left", "\\x202eright to left"],
  ["wide \u65e5 \u{1f600}", "wide \\u65e5 \\U0001f600"],
  ["\x9b31m", "\\x9b31m"],
  ["plain-name.example", "plain-name.example"],
])("a word of a daemon is of printable ASCII: %j", (word, expected) => {
  expect(python("print(json.dumps(text.clean(given)))", word)).toBe(expected);
});
