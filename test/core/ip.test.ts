import { describe, expect, test } from "vitest";
import {
  canonicalAddress,
  canonicalCidr,
  cidrContains,
  cidrsOverlap,
  cidrWithin,
  coverOf,
  coversFamily,
  familyOf,
  firstAddress,
  hostCidr,
  hostPort,
  isWholeFamily,
  networkOf,
} from "../../lib/core/ip.js";

describe("an address", () => {
  test.each([
    ["192.0.2.1", "ipv4", "192.0.2.1", "192.0.2.1:53", "192.0.2.1/32"],
    ["2001:DB8:0::1", "ipv6", "2001:db8::1", "[2001:DB8:0::1]:53", "2001:DB8:0::1/128"],
    ["::", "ipv6", "::", "[::]:53", "::/128"],
  ])("%s", (address, family, canonical, endpoint, network) => {
    expect(familyOf(address)).toBe(family);
    expect(canonicalAddress(address)).toBe(canonical);
    expect(hostPort(address, 53)).toBe(endpoint);
    expect(hostCidr(address)).toBe(network);
  });

  test.each(["", "10.1", "256.0.0.1", "010.0.0.1", "0x7f.0.0.1", "10.0.0.1/8", "fe80::1%eth0", "::1\n", "localhost"])(
    "fails when it is %j",
    (text) => {
      expect(familyOf(text)).toBeUndefined();
    },
  );
});

describe("a network", () => {
  test.each([
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["10.0.0.1/32", "10.0.0.1/32"],
    ["2001:DB8::1/32", "2001:db8::/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["::/0", "::/0"],
  ])("%s is %s", (text, canonical) => {
    expect(canonicalCidr(text)).toBe(canonical);
  });

  test.each(["10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "10.0.0.0/", "10.0.0.0/x", "/8"])(
    "fails when it is %j",
    (text) => {
      expect(canonicalCidr(text)).toBeUndefined();
    },
  );

  test.each([
    [["0.0.0.0/0"], true],
    [["128.0.0.0/1", "0.0.0.0/1"], true],
    [["0.0.0.0/1", "128.0.0.0/2"], false],
    [["128.0.0.0/1"], false],
    [["::/0"], false],
    [[], false],
  ])("%j are all of IPv4: %s", (networks, whole) => {
    expect(coversFamily(networks, "ipv4")).toBe(whole);
  });

  test("may be all of IPv6", () => {
    expect(coversFamily(["::/1", "8000::/1"], "ipv6")).toBe(true);
    expect(coversFamily(["::/1", "8000::/2"], "ipv6")).toBe(false);
  });

  test("holds the addresses of its own family", () => {
    expect(cidrContains("10.0.0.0/8", "10.255.0.1")).toBe(true);
    expect(cidrContains("10.0.0.0/8", "11.0.0.1")).toBe(false);
    expect(cidrContains("::/0", "10.0.0.1")).toBe(false);
    expect(isWholeFamily("::/0")).toBe(true);
    expect(isWholeFamily("10.0.0.0/10")).toBe(false);
  });
});

test.each([
  [["10.0.0.0/9", "10.128.0.0/9"], "10.0.0.0/8", true],
  [["10.128.0.0/9", "9.0.0.0/8", "10.0.0.0/9"], "10.0.0.0/8", true],
  [["10.0.0.0/9", "10.128.0.0/10"], "10.0.0.0/8", false],
  [["10.128.0.0/9"], "10.0.0.0/8", false],
  [["::/0"], "10.0.0.0/8", false],
  [["fd00::/9", "fd80::/9", "10.0.0.0/8"], "fd00::/8", true],
  [[], "10.0.0.0/8", false],
] as const)("%j together cover %s: %s", (cidrs, network, covers) => {
  expect(coverOf(cidrs)(network)).toBe(covers);
});

test.each([
  ["10.1.0.0/16", "10.0.0.0/8", true],
  ["10.0.0.0/8", "10.0.0.0/8", true],
  ["10.0.0.0/7", "10.0.0.0/8", false],
  ["192.0.2.0/24", "10.0.0.0/8", false],
  ["fd53::/64", "fd00::/8", true],
  ["10.0.0.0/24", "::/0", false],
])("network %s lies in %s: %s", (inner, outer, within) => {
  expect(cidrWithin(inner, outer)).toBe(within);
});

test.each([
  ["10.0.0.0/24", "10.0.0.1"],
  ["10.0.0.64/26", "10.0.0.65"],
  ["fd53::/64", "fd53::1"],
])("the first address of %s is %s", (network, first) => {
  expect(firstAddress(network)).toBe(first);
});

test.each([
  ["10.0.0.0/24", "10.0.0.128/25", true],
  ["10.0.0.128/25", "10.0.0.0/24", true],
  ["10.0.0.0/24", "10.0.0.0/24", true],
  ["10.0.0.0/25", "10.0.0.128/25", false],
  ["fd53::/64", "fd53::/48", true],
  ["::/0", "0.0.0.0/0", false],
])("%s and %s overlap: %s", (one, other, overlap) => {
  expect(cidrsOverlap(one, other)).toBe(overlap);
});

test.each([
  ["10.1.2.3", 24, "10.1.2.0/24"],
  ["10.1.2.3", 32, "10.1.2.3/32"],
  ["2001:DB8::1:2", 64, "2001:db8::/64"],
])("%s stands with %d bits in %s", (address, bits, network) => {
  expect(networkOf(address, bits)).toBe(network);
});
