import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ipv4In,
  ipv4NetworkIn,
  kindOf,
  kindOfNetwork,
  placeInSubnet,
  specialNetworkIn,
  withoutMapped,
} from "../../lib/core/address-kind.js";
import { canonicalAddress, cidrContains, networkOf } from "../../lib/core/ip.js";
import { addressIn, ipv6Address } from "../addresses.js";

test.each([
  ["0.0.0.0", "unspecified"],
  ["0.0.0.1", "this-network"],
  ["127.255.0.1", "loopback"],
  ["169.254.169.253", "link-local"],
  ["224.0.0.1", "multicast"],
  ["239.255.255.255", "multicast"],
  ["240.0.0.1", "reserved"],
  ["255.255.255.255", "broadcast"],
  ["10.0.0.1", "unicast"],
  ["192.0.2.1", "unicast"],
  ["223.255.255.255", "unicast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::2", "ipv4-compatible"],
  ["::ffff:10.0.0.1", "ipv4-mapped"],
  ["::ffff:0:a00:1", "ipv4-translated"],
  ["64:ff9b::a00:1", "nat64"],
  ["64:ff9b:1::1", "nat64"],
  ["0:1::1", "reserved"],
  ["100::1", "discard"],
  ["fe80::53", "link-local"],
  ["febf::1", "link-local"],
  ["ff02::1", "multicast"],
  ["fec0::1", "unicast"],
  ["fd00::53", "unicast"],
  ["2001:db8::1", "unicast"],
])("%s is %s", (address, kind) => {
  expect(kindOf(address)).toBe(kind);
});

test("a network is of a kind only as a whole", () => {
  expect(kindOfNetwork("224.0.0.0/4")).toBe("multicast");
  expect(kindOfNetwork("224.0.0.0/3")).toBe("unicast");
  expect(kindOfNetwork("0.0.0.0/0")).toBe("unicast");
  expect(kindOfNetwork("::/0")).toBe("unicast");
  expect(kindOfNetwork("::ffff:a00:0/104")).toBe("ipv4-mapped");
  expect(specialNetworkIn("96.0.0.0/3")).toEqual(expect.objectContaining({ network: "127.0.0.0/8" }));
  expect(specialNetworkIn("10.0.0.0/8")).toBeUndefined();
});

test("the IPv4 address in an IPv6 one is found in every form of it", () => {
  fc.assert(
    fc.property(addressIn("10.0.0.0/8"), fc.constantFrom("::ffff:", "::", "::ffff:0:"), (ipv4, prefix) => {
      expect(ipv4In(canonicalAddress(`${prefix}${ipv4}`))).toBe(ipv4);
    }),
  );
  expect(ipv4In("2001:db8::a00:1")).toBeUndefined();
  expect(ipv4NetworkIn("::ffff:a00:0/104")).toBe("10.0.0.0/8");
  expect(ipv4NetworkIn("2001:db8::/32")).toBeUndefined();
});

test("a network without what is mapped holds all of the rest", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 128 }), ipv6Address, fc.boolean(), (bits, address, around) => {
      const network = networkOf(around ? "::ffff:10.0.0.1" : address, bits);
      const parts = withoutMapped(network);
      const isIn = (each: string) => parts.some((part) => cidrContains(part, each));
      expect(isIn(address)).toBe(cidrContains(network, address) && kindOf(address) !== "ipv4-mapped");
      expect(isIn("::ffff:10.0.0.1")).toBe(false);
    }),
    { numRuns: 50 },
  );
  expect(withoutMapped("::/0")).toHaveLength(96);
  expect(withoutMapped("2001:db8::/32")).toEqual(["2001:db8::/32"]);
  expect(withoutMapped("::fffe:0:0/95")).toEqual(["::fffe:0:0/96"]);
});

describe("the place of an address in a subnet", () => {
  test.each([
    ["10.0.0.0/24", "10.0.0.0", "network"],
    ["10.0.0.0/24", "10.0.0.255", "broadcast"],
    ["10.0.0.0/24", "10.0.0.1", undefined],
    ["10.0.0.0/16", "10.0.0.255", undefined],
    ["10.0.0.0/16", "10.0.255.255", "broadcast"],
    ["10.0.0.4/31", "10.0.0.4", undefined],
    ["10.0.0.4/32", "10.0.0.4", undefined],
    ["10.0.0.4/30", "10.0.0.7", "broadcast"],
    ["10.0.0.0/24", "10.0.1.0", undefined],
    ["10.0.0.0/24", "fd00::", undefined],
    ["fd00::/64", "fd00::", "routers"],
    ["fd00::/64", "fd00::ffff:ffff:ffff:ffff", undefined],
    ["fd00::2/127", "fd00::2", undefined],
  ])("%s, %s: %s", (subnet, address, place) => {
    expect(placeInSubnet(subnet, address)).toBe(place);
  });
});
