import { describe, expect, expectTypeOf, test } from "vitest";
import type { ParsedRate, Rate } from "../../lib/core/rate.js";
import { address, network } from "../../lib/terraform/address-fields.js";
import { factoryMade } from "../../lib/terraform/brand.js";
import { domainName, integer, rate } from "../../lib/terraform/fields.js";
import { input, parseOptions } from "../../lib/terraform/parse.js";
import { type Filled, type Kept, listOf, object, optional, withDefault } from "../../lib/terraform/schema.js";
import { refusal } from "../constructs.js";

interface Peer {
  readonly address: string;
  readonly weight?: number;
}

interface Options {
  readonly name: string;
  readonly peers: readonly Peer[];
  readonly from?: readonly string[];
  readonly limit?: Rate;
  readonly retries?: number;
}

const SCHEMA = object<Options>()({
  name: domainName,
  peers: listOf(object<Peer>()({ address, weight: withDefault(integer(1, 9), 1) })),
  from: optional(listOf(network)),
  limit: withDefault(rate, "5/s"),
  retries: optional(integer(0, 9)),
});

const seen: Filled<typeof SCHEMA>[] = [];
const INPUT = input({
  name: "thing()",
  schema: SCHEMA,
  check: (value, report) => {
    seen.push(value);
    if (value.peers.some(({ weight }) => weight === 1)) report("DNSLB113", ["retries"], "cannot go with a weight of 1");
  },
});

test("what is kept has its one form, and its defaults", () => {
  const options: Options = {
    name: "Example.COM",
    peers: [{ address: "2001:DB8:0::1", weight: 2 }],
    from: ["2001:DB8::/32"],
  };
  const kept = parseOptions(INPUT, { ...options, retries: undefined } as unknown as Options);
  expect(kept).toStrictEqual({
    name: "example.com.",
    peers: [{ address: "2001:db8::1", weight: 2 }],
    from: ["2001:db8::/32"],
    limit: { events: 5, period: 1000, text: "5/s" },
  });
  expect(options.peers).toEqual([{ address: "2001:DB8:0::1", weight: 2 }]);
});

test("types follow the schema: a default is always there, another form is another type", () => {
  expectTypeOf<Kept<typeof SCHEMA>["limit"]>().toEqualTypeOf<ParsedRate>();
  expectTypeOf<Filled<typeof SCHEMA>["limit"]>().toEqualTypeOf<Rate>();
  expectTypeOf<Kept<typeof SCHEMA>["peers"][number]>().toEqualTypeOf<Required<Peer>>();
  expectTypeOf<Filled<typeof SCHEMA>["peers"][number]>().toEqualTypeOf<Required<Peer>>();
  expectTypeOf<Kept<typeof SCHEMA>["retries"]>().toEqualTypeOf<number | undefined>();
});

describe("a check of several properties", () => {
  test("sees what is written, with its defaults", () => {
    seen.length = 0;
    parseOptions(INPUT, { name: "Example.COM", peers: [{ address: "2001:DB8:0::1", weight: 2 }] });
    expect(seen).toStrictEqual([
      { name: "Example.COM", peers: [{ address: "2001:DB8:0::1", weight: 2 }], limit: "5/s" },
    ]);
  });

  test("fails when values are wrong in every way, all at once", () => {
    const options = { name: "a b", peers: [{ address: "x", wait: 1 }], limit: "5", retries: 10, more: 1 };
    expect(refusal(() => parseOptions(INPUT, options as unknown as Options))).toMatchInlineSnapshot(`
      "[thing()] 'limit' must be a rate such as "100/10s" or "5/s", got "5" [DNSLB108]
      [thing()] 'more' is no property of thing(), it takes 'name', 'peers', 'from', 'limit', 'retries' [DNSLB101]
      [thing()] 'name' must be a domain name in ASCII, such as "example.com", got "a b" [DNSLB109]
      [thing()] 'peers[0].address' must be an IPv4 or IPv6 address, got "x" [DNSLB105]
      [thing()] 'peers[0].wait' is no property of thing(), it takes 'address', 'weight' [DNSLB101]
      [thing()] 'retries' cannot go with a weight of 1 [DNSLB113]
      [thing()] 'retries' must be a whole number between 0 and 9, got 10 [DNSLB104]"
    `);
  });

  test("is left out when a value is of another type", () => {
    seen.length = 0;
    expect(refusal(() => parseOptions(INPUT, { name: "a.test", peers: [{ address: 1 }] } as never))).toBe(
      "[thing()] 'peers[0].address' must be an IPv4 or IPv6 address, got 1 [DNSLB105]",
    );
    expect(seen).toEqual([]);
  });

  test("does not hide what is wrong by an error of its own", () => {
    // A value of a factory is not filled with defaults.
    const given = factoryMade("RateLimit", { name: "a", peers: [], other: 1 }) as unknown as Options;
    const strict = input({ ...INPUT, check: ({ limit }) => void limit.length });
    expect(refusal(() => parseOptions(strict, given))).toContain("'other' is no property of thing()");
  });

  test("throws what is no fault of the input", () => {
    const broken = input({
      ...INPUT,
      check: () => {
        throw new TypeError("broken");
      },
    });
    expect(() => parseOptions(broken, { name: "a", peers: [] })).toThrow(TypeError);
  });
});
