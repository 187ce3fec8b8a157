import { describe, expect, test } from "vitest";
import { AuthoritativePool, type AuthoritativePoolProps } from "../../lib/dns/authoritative-pool.js";
import { HealthCheck } from "../../lib/dns/health-check.js";
import { POOL } from "../../lib/dns/pool.js";
import { newStack, refusal, resolverPool } from "../constructs.js";

const BASE = { zones: ["Example.com", "example.org."], servers: [{ name: "auth1", address: "192.168.1.20" }] };

describe("AuthoritativePool", () => {
  const model = (props: Partial<AuthoritativePoolProps> = {}) =>
    new AuthoritativePool(newStack(), "Authoritative", { ...BASE, ...props })[POOL];

  test("fills in the defaults of its role", () => {
    expect(model()).toEqual({
      name: "authoritative",
      role: "authoritative",
      servers: [{ name: "auth1", address: "192.168.1.20", port: 53, weight: 1 }],
      balance: { kind: "least-connections" },
      healthCheck: {
        kind: "query",
        name: "example.com.",
        type: "SOA",
        recursionDesired: false,
        checkingDisabled: false,
        randomLabel: false,
        interval: "2s",
        timeout: "1s",
        fall: 3,
        rise: 2,
        expect: { rcodes: ["NOERROR"], answer: "required", authoritative: true },
      },
      whenAllDown: "try-all",
      clientAddress: "hidden",
      zones: ["example.com.", "example.org."],
      idleTimeout: "30s",
    });
  });

  test("asks a probe of the user's without recursion", () => {
    expect(model({ healthCheck: HealthCheck.query({ name: "a.test", type: "A" }) }).healthCheck).toMatchObject({
      name: "a.test.",
      recursionDesired: false,
    });
  });

  test("gives transfers the longer of both timeouts", () => {
    const zoneTransfer = { primary: "auth1", allowFrom: ["198.51.100.0/24"] };
    expect(model({ zoneTransfer }).idleTimeout).toBe("30s");
    expect(model({ zoneTransfer: { ...zoneTransfer, idleTimeout: "2m" } }).idleTimeout).toBe("2m");
    expect(model({ zoneTransfer: { ...zoneTransfer, idleTimeout: "5s" } }).idleTimeout).toBe("30s");
  });

  test("takes one server for transfers, or several in order", () => {
    const allowFrom = ["198.51.100.0/24"];
    expect(model({ zoneTransfer: { primary: "auth1", allowFrom } }).zoneTransfer).toEqual({
      servers: ["auth1"],
      allowFrom,
    });
    const servers = [...BASE.servers, { name: "auth2", address: "192.168.1.21" }];
    const zoneTransfer = { servers: ["auth2", "auth1"], allowFrom };
    expect(model({ servers, zoneTransfer }).zoneTransfer).toEqual(zoneTransfer);
  });

  test("keeps the sources of NOTIFY and UPDATE as networks", () => {
    const sources = { notifyFrom: ["192.0.2.5", "2001:DB8::5"], updateFrom: ["192.0.2.0/24", "2001:db8:1::/48"] };
    expect(model(sources)).toMatchObject({
      notifyFrom: ["192.0.2.5/32", "2001:db8::5/128"],
      updateFrom: ["192.0.2.0/24", "2001:db8:1::/48"],
    });
  });

  const refused = (props: object) =>
    refusal(() => new AuthoritativePool(newStack(), "Authoritative", { ...BASE, ...props } as AuthoritativePoolProps));

  test("fails when there are no zones", () => {
    expect(refused({ zones: [] })).toMatchInlineSnapshot(
      `"[prod/Authoritative] 'zones' must hold at least one zone, got an empty list [DNSLB111]"`,
    );
    expect(refused({ zones: undefined })).toMatchInlineSnapshot(
      `"[prod/Authoritative] 'zones' is required: a list [DNSLB102]"`,
    );
  });

  test("fails when zones are no names, or there twice", () => {
    expect(refused({ zones: ["example.com", "EXAMPLE.com.", "exa mple.com"] })).toMatchInlineSnapshot(`
      "[prod/Authoritative] 'zones[1]' must be unique, got "EXAMPLE.com.", which is zones[0] too [DNSLB112]
      [prod/Authoritative] 'zones[2]' must be a domain name in ASCII, such as "example.com", got "exa mple.com" [DNSLB109]"
    `);
  });

  test("fails when transfers go to no server of the pool, or to nobody", () => {
    expect(refused({ zoneTransfer: { primary: "auth2", allowFrom: [] } })).toMatchInlineSnapshot(`
      "[prod/Authoritative] 'zoneTransfer.allowFrom' must hold at least one network, got an empty list; leave out 'zoneTransfer' to allow nobody [DNSLB111]
      [prod/Authoritative] 'zoneTransfer.primary' must be the name of a server of the pool (auth1), got "auth2" [DNSLB116]"
    `);
  });

  test("fails when the servers for transfers are not named, or named wrongly", () => {
    const allowFrom = ["192.0.2.0/24"];
    expect(refused({ zoneTransfer: { allowFrom } })).toMatchInlineSnapshot(
      `"[prod/Authoritative] 'zoneTransfer.servers' is required: the names of those servers of the pool that answer transfers, of auth1 [DNSLB102]"`,
    );
    expect(refused({ zoneTransfer: { servers: [], allowFrom } })).toMatchInlineSnapshot(
      `"[prod/Authoritative] 'zoneTransfer.servers' must hold at least one of auth1, got an empty list [DNSLB111]"`,
    );
    const servers = ["auth1", "auth3", "auth1"];
    expect(refused({ zoneTransfer: { servers, primary: "auth1", allowFrom } })).toMatchInlineSnapshot(`
      "[prod/Authoritative] 'zoneTransfer.primary' cannot go with 'servers'; put it into 'servers', as the first [DNSLB113]
      [prod/Authoritative] 'zoneTransfer.servers[1]' must be the name of a server of the pool (auth1), got "auth3" [DNSLB116]
      [prod/Authoritative] 'zoneTransfer.servers[2]' must be unique, got "auth1", which is zoneTransfer.servers[0] too [DNSLB112]"
    `);
  });

  test("fails when sources of NOTIFY or UPDATE are none", () => {
    expect(refused({ notifyFrom: [], updateFrom: [] })).toMatchInlineSnapshot(`
      "[prod/Authoritative] 'notifyFrom' must hold at least one address or network, got an empty list; leave out 'notifyFrom' to pass on nobody's [DNSLB111]
      [prod/Authoritative] 'updateFrom' must hold at least one address or network, got an empty list; leave out 'updateFrom' to pass on nobody's [DNSLB111]"
    `);
    const wrong = ["ns1.example.com", "192.0.2.5/24", "224.0.0.1", "0.0.0.0", "::ffff:192.0.2.1", 5];
    expect(refused({ notifyFrom: wrong })).toMatchInlineSnapshot(`
      "[prod/Authoritative] 'notifyFrom[0]' must be an address, or a network with its prefix length, such as "10.0.0.0/8", got "ns1.example.com" [DNSLB106]
      [prod/Authoritative] 'notifyFrom[1]' must be an address, or a network with its prefix length, such as "10.0.0.0/8", got "192.0.2.5/24"; did you mean "192.0.2.0/24"? [DNSLB106]
      [prod/Authoritative] 'notifyFrom[2]' must be a network that clients are in, got "224.0.0.1", addresses of groups, from which nothing is sent [DNSLB143]
      [prod/Authoritative] 'notifyFrom[3]' must be a network that clients are in, got "0.0.0.0", addresses that stand for none; did you mean "0.0.0.0/0"? [DNSLB143]
      [prod/Authoritative] 'notifyFrom[4]' must be a network that clients are in, got "::ffff:192.0.2.1", which HAProxy takes for IPv4 clients and dnsdist for none; write "192.0.2.1/32" [DNSLB143]
      [prod/Authoritative] 'notifyFrom[5]' must be an address, or a network with its prefix length, such as "10.0.0.0/8", got 5 [DNSLB106]"
    `);
  });

  test("fails when transfers are allowed to addresses without a prefix length", () => {
    expect(refused({ zoneTransfer: { primary: "auth1", allowFrom: ["2001:db8::1"] } })).toMatchInlineSnapshot(
      `"[prod/Authoritative] 'zoneTransfer.allowFrom[0]' must be a network with its prefix length, such as "10.0.0.0/8", got "2001:db8::1"; did you mean "2001:db8::1/128"? [DNSLB106]"`,
    );
  });

  test("fails when a property of the transfers is misspelt", () => {
    expect(
      refused({ zoneTransfer: { primary: "auth1", allowFrom: ["192.0.2.0/24"], allow: [] } }),
    ).toMatchInlineSnapshot(
      `"[prod/Authoritative] 'zoneTransfer.allow' is no property of AuthoritativePool, did you mean 'allowFrom'? [DNSLB101]"`,
    );
  });

  test("fails when the fallback is of the other role", () => {
    expect(refused({ fallback: resolverPool(newStack()) })).toMatchInlineSnapshot(
      `"[prod/Authoritative] 'fallback' must be an AuthoritativePool, got an object of ResolverPool [DNSLB103]"`,
    );
  });
});
