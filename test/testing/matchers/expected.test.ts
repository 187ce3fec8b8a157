import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agrees, differences, shown } from "../../../lib/testing/matchers/expected.js";
import { differenceIn, nearestOf } from "../../../lib/testing/matchers/nearest.js";
import { dnsLbMatchers } from "../../../lib/testing/matchers.js";
import { nodeOf } from "../../../lib/testing/nodes-of.js";
import { appForMatchers } from "./app.js";
import { outcome, type Use } from "./uses.js";

expect.extend(dnsLbMatchers);

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
const text = fc.string({ unit: fc.constantFrom(..."ab.(\n $") });

describe("agrees()", () => {
  test("takes a part of a text by every kind of pattern, however often it is asked", () => {
    fc.assert(
      fc.property(text, text, fc.constantFrom("", "g", "y", "gy", "m"), (whole, part, flags) => {
        const contains = whole.includes(part);
        const found = new RegExp(escaped(part), flags);
        const expected = flags.includes("y") ? whole.startsWith(part) : contains;
        for (let time = 0; time < 3; time += 1) expect(agrees(found, whole)).toBe(expected);
        expect(agrees(expect.stringContaining(part), whole)).toBe(contains);
        expect(agrees(expect.not.stringContaining(part), whole)).toBe(!contains);
        expect(agrees(part, whole)).toBe(part === whole);
      }),
    );
  });

  test("takes an object by any of its properties, and no other value", () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(object, fc.func(fc.boolean()), (whole, isChosen) => {
        const part = Object.fromEntries(Object.entries(whole).filter(([key]) => isChosen(key)));
        expect(agrees(part, whole)).toBe(true);
        expect(differences(part, whole)).toEqual([]);
        for (const key of Object.keys(part)) {
          const changed = { ...part, [key]: Symbol("other") };
          expect(agrees(changed, whole)).toBe(false);
          expect(differences(changed, whole)).toHaveLength(1);
        }
      }),
    );
  });

  test("compares lists as wholes, and does not take a pattern for a number", () => {
    expect(agrees([1, 2], [1, 2, 3])).toBe(false);
    expect(agrees([/a/, expect.anything()], ["ba", 2])).toBe(true);
    expect(agrees(/1/, 1)).toBe(false);
    expect(agrees({ a: undefined }, {})).toBe(true);
    expect(agrees({ toString: undefined }, {})).toBe(true);
    expect(agrees(Number.NaN, Number.NaN)).toBe(true);
    expect(agrees({}, "text")).toBe(false);
    expect(agrees({ a: 1 }, null)).toBe(false);
  });
});

describe("a place that is not there", () => {
  const app = appForMatchers();
  const [lb1, r1, a1] = ["lb1", "r1", "a1"].map((name) => nodeOf(app, name));
  const places: readonly [keyof typeof dnsLbMatchers, unknown, readonly string[], Use][] = [
    ["toHaveHaproxyLine", lb1, ["global", "backend resolvers", "frontend dot"], [/./]],
    ["toHaveKeepalivedLine", lb1, ["global_defs", "vrrp_instance v4"], [/./]],
    ["toHaveUnboundLine", r1, ["server"], [/./]],
    ["toHaveNsdLine", a1, ["server", "zone example.com."], [/./]],
    ["toHaveDnsdistListener", lb1, ["0.0.0.0:53"], [{ reusePort: true }]],
    ["toHaveDnsdistRule", lb1, ["everything else"], [{ rule: /./ }]],
    ["toHaveDnsdistServer", lb1, ["resolvers/resolver1"], [{ weight: 1 }]],
    ["toHaveDnsdistPool", lb1, ["resolvers"], [{ policy: /./ }]],
    ["toHaveZoneRecord", a1, ["example.com."], [/./]],
    ["toHaveFile", lb1, ["manifest.json"], [/./]],
    ["toHaveSecretFile", lb1, ["secrets/dot.pem"], [{ kind: /./ }]],
    ["toHaveTerraformResource", app, ["docker_container"], [{ image: /./ }]],
  ];

  test.each(places)("%s refuses every other spelling, negated too", (matcher, subject, titles, use) => {
    const misspelt = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom(...titles), fc.nat(), fc.constantFrom("", "x", " ", "\n", "."))
        .map(([title, at, added]) => {
          const cut = at % title.length;
          return title.slice(0, cut) + added + title.slice(cut + 1);
        }),
    );
    fc.assert(
      fc.property(misspelt, (title) => {
        // Its final dot may be left out.
        fc.pre(!titles.includes(title) && !titles.includes(`${title}.`));
        expect(outcome(subject, matcher, [title, ...use], false)).toBe("refused");
        expect(outcome(subject, matcher, [title, ...use], true)).toBe("refused");
      }),
      { numRuns: 25 },
    );
    for (const title of titles) expect(outcome(subject, matcher, [title, ...use], false)).toBe("passes");
  });
});

describe("messages", () => {
  test("stay short, however long the texts are", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ maxLength: 2000 })), (wanted, texts) => {
        const lines = nearestOf(
          wanted,
          texts.map((each) => each.replaceAll("\n", "")),
        ).split("\n");
        expect(lines.length).toBeLessThanOrEqual(4);
        for (const line of lines) expect(line.length).toBeLessThan(220);
      }),
    );
    expect(shown("x".repeat(10_000)).length).toBeLessThan(220);
  });

  test("name the nearest first", () => {
    expect(nearestOf("backend resolver", ["global", "backend dnsdist:tcp", "backend resolvers"])).toBe(
      "; there is:\n  backend resolvers\n  backend dnsdist:tcp\n  global",
    );
    expect(nearestOf(/resolver$/, ["global", "resolvers"])).toBe("; there is:\n  resolvers\n  global");
    expect(nearestOf("ccc1", ["a1", "b1", "ccc2", "d1"])).toBe("; the nearest of 4:\n  ccc2\n  a1\n  b1");
    expect(nearestOf("a", [])).toBe("; there is none");
  });

  test("tell how two lines differ", () => {
    expect(differenceIn("a b c", "a x c")).toBe('which has "x" for "b"');
    expect(differenceIn("a b c", "a c")).toBe('which lacks "b"');
    expect(differenceIn("a c", "a b c")).toBe('which has "b" too');
    expect(differenceIn("a", "b")).toBeUndefined();
    expect(differenceIn(/a/, "b")).toBeUndefined();
  });
});
