import { describe, expect, test } from "vitest";
import {
  canonicalDomainName,
  DAEMON_NAME,
  daemonName,
  isDomainName,
  isInZone,
  isOwnerName,
  nameInZone,
} from "../../lib/core/names.js";

describe("the daemons' name of a construct", () => {
  test.each([
    ["Resolvers", "resolvers"],
    ["PublicResolvers", "public-resolvers"],
    ["DNSFrontend", "dns-frontend"],
    ["Zone2Servers", "zone2-servers"],
    ["my_pool.eu", "my-pool-eu"],
    ["--x--", "x"],
  ])("%s is %s", (id, name) => {
    expect(daemonName(id)).toBe(name);
    expect(DAEMON_NAME.test(name)).toBe(true);
  });

  test.each(["", "1st", "a b", "a{", "a\nb", "-a", "a".repeat(64)])("fails when it is %j", (name) => {
    expect(DAEMON_NAME.test(name)).toBe(false);
  });
});

describe("a domain name", () => {
  test.each([
    [".", "."],
    ["example.com", "example.com."],
    ["_dns.Example.COM.", "_dns.example.com."],
    ["xn--bcher-kva.example", "xn--bcher-kva.example."],
  ])("%s is %s", (name, canonical) => {
    expect(isDomainName(name)).toBe(true);
    expect(canonicalDomainName(name)).toBe(canonical);
  });

  test.each([
    "",
    "..",
    ".com",
    "a..b",
    "-a.com",
    "a-.com",
    "a b.com",
    'a".com',
    "bücher.example",
    `${"a".repeat(64)}.com`,
  ])("fails when it is %j", (name) => {
    expect(isDomainName(name)).toBe(false);
  });

  test("fails when it is longer than 253 characters", () => {
    expect(isDomainName(Array.from({ length: 64 }, () => "abc").join("."))).toBe(false);
  });
});

describe("the owner of a record", () => {
  test.each([
    ["@", "example.com.", "example.com."],
    ["www", "Example.com", "www.example.com."],
    ["*", "example.com.", "*.example.com."],
    ["*.Dev", "example.com", "*.dev.example.com."],
    ["a.b.", "example.com.", "a.b."],
    ["com", ".", "com."],
    ["*", ".", "*."],
    ["*.", ".", "*."],
    ["0/26", "2.0.192.in-addr.arpa.", "0/26.2.0.192.in-addr.arpa."],
    ["@", ".", "."],
  ])("%s in %s is %s", (name, zone, whole) => {
    expect(isOwnerName(name)).toBe(true);
    expect(nameInZone(name, zone)).toBe(whole);
  });

  test.each(["", "a.*", "**", "*..", "a b", "@.a", "*a"])("fails when it is %j", (name) => {
    expect(isOwnerName(name)).toBe(false);
  });

  test.each([
    ["example.com.", "example.com", true],
    ["WWW.example.com", "example.com.", true],
    ["anything.", ".", true],
    ["badexample.com.", "example.com.", false],
    ["com.", "example.com.", false],
  ])("%s in %s: %s", (name, zone, inside) => {
    expect(isInZone(name, zone)).toBe(inside);
  });
});
