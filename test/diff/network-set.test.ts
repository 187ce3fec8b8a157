import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addressBytes, cidrContains, networkOf } from "../../lib/core/ip.js";
import { NetworkSet } from "../../lib/diff/network-set.js";

/** Addresses near the bounds of the networks that are drawn. */
const addresses = fc.oneof(
  fc.tuple(fc.constantFrom(0, 9, 10, 11, 255), fc.nat({ max: 3 })).map(([first, last]) => `${first}.0.0.${last}`),
  fc.constantFrom("0.0.0.0", "255.255.255.255", "10.255.255.255"),
  fc.constantFrom("::", "::1", "::2", "fd53::1", "fd53::2", "::ffff:10.0.0.1", "::a00:1", "ffff::"),
);
const networks = fc.array(
  fc
    .tuple(addresses, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([address, part]) => networkOf(address, Math.round(part * (address.includes(":") ? 128 : 32)))),
  { maxLength: 6 },
);

const holds = (set: NetworkSet, address: string) =>
  NetworkSet.of([`${address}/${(addressBytes(address) ?? []).length * 8}`]).meets(set);

test("networks are sets of addresses", () => {
  fc.assert(
    fc.property(networks, networks, addresses, (one, other, address) => {
      const [first, second] = [NetworkSet.of(one), NetworkSet.of(other)];
      const [isIn, isInOther] = [one, other].map((each) => each.some((network) => cidrContains(network, address)));
      expect(holds(first, address)).toBe(isIn);
      expect(holds(first.common(second), address)).toBe(isIn && isInOther);
      expect(first.meets(second)).toBe(!first.common(second).isEmpty);
      expect(first.isEmpty).toBe(one.length === 0);
      // What is between two bounds is all in the set, or not at all.
      for (const bound of first.bounds) expect(first.has(bound)).not.toBe(first.has(bound - 1n));
    }),
    { numRuns: 1_000 },
  );
});
