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
    expect(model({ zoneTransfer })).toMatchObject({ zoneTransfer, idleTimeout: "30s" });
    expect(model({ zoneTransfer: { ...zoneTransfer, idleTimeout: "2m" } })).toMatchObject({
      zoneTransfer,
      idleTimeout: "2m",
    });
    expect(model({ zoneTransfer: { ...zoneTransfer, idleTimeout: "5s" } }).idleTimeout).toBe("30s");
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
