import { describe, expect, test } from "vitest";
import { type ClientRateLimitOptions, RateLimit } from "../../lib/dns/rate-limit.js";
import { refusal } from "../constructs.js";

describe("RateLimit.perClient()", () => {
  const common = { per: { ipv4: 32, ipv6: 64 }, exempt: [] };

  test.each<[options: ClientRateLimitOptions, data: Partial<RateLimit>]>([
    [{ queries: "50/10s" }, { queries: { events: 50, period: 10000, text: "50/10s" }, exceeded: "truncate" }],
    [
      { queries: "5/s", exceeded: "drop" },
      { queries: { events: 5, period: 1000, text: "5/s" }, exceeded: "drop" },
    ],
    [{ queries: "60/1m" }, { queries: { events: 60, period: 60000, text: "60/1m" }, exceeded: "truncate" }],
    [{ connections: "30/10s" }, { connections: { events: 30, period: 10000, text: "30/10s" }, exceeded: "truncate" }],
    [{ connections: "7/10s" }, { connections: { events: 7, period: 10000, text: "7/10s" }, exceeded: "truncate" }],
    [{ concurrentConnections: 20 }, { concurrentConnections: 20, exceeded: "truncate" }],
    [
      { queries: "50/10s", burst: 1500, exceeded: "refuse" },
      { queries: { events: 50, period: 10000, text: "50/10s" }, burst: 1500, exceeded: "refuse" },
    ],
    [
      { connections: "5/s", per: { ipv4: 24, ipv6: 56 } },
      { connections: { events: 5, period: 1000, text: "5/s" }, per: { ipv4: 24, ipv6: 56 }, exceeded: "truncate" },
    ],
    [
      { concurrentConnections: 5, per: { ipv6: 128 }, exempt: ["10.0.0.0/8", "2001:DB8::/32"] },
      {
        concurrentConnections: 5,
        per: { ipv4: 32, ipv6: 128 },
        exempt: ["10.0.0.0/8", "2001:db8::/32"],
        exceeded: "truncate",
      },
    ],
    [{ bytesOut: "10m/10s" }, { bytesOut: { bytes: 10485760, period: 10000, text: "10m/10s" }, exceeded: "truncate" }],
    [{ bytesOut: "64k/s" }, { bytesOut: { bytes: 65536, period: 1000, text: "64k/s" }, exceeded: "truncate" }],
  ])("%j gives %j", (options, data) => {
    expect(RateLimit.perClient(options)).toEqual({ ...common, ...data });
  });

  const refused = (options: object) => refusal(() => RateLimit.perClient(options));

  test("fails when nothing is limited", () => {
    expect(refused({})).toMatchInlineSnapshot(
      `"[RateLimit.perClient()] RateLimit.perClient() limits nothing; give 'queries', 'connections', 'concurrentConnections' or 'bytesOut' [DNSLB117]"`,
    );
  });

  test("fails when the queries are less than one per second", () => {
    expect(refused({ queries: "5/10s" })).toMatchInlineSnapshot(
      `"[RateLimit.perClient()] 'queries' must be a whole number per second, got "5/10s", which is 0.5 per second; write "1/s" [DNSLB108]"`,
    );
  });

  test("fails when the queries are no whole number per second", () => {
    expect(refused({ queries: "25/10s" })).toMatchInlineSnapshot(
      `"[RateLimit.perClient()] 'queries' must be a whole number per second, got "25/10s", which is 2.5 per second; write "2/s" or "3/s" [DNSLB108]"`,
    );
  });

  test("fails when HAProxy could not count the period", () => {
    expect(refused({ connections: "1/30d" })).toMatchInlineSnapshot(
      `"[RateLimit.perClient()] 'connections' must have a period of at most "12d", the longest that HAProxy can count, got "1/30d" [DNSLB108]"`,
    );
    expect(refused({ connections: "1/13d" })).toMatch(
      /^\[[\w.]+\(\)\] 'connections' must have a period of at most "12d"/,
    );
    expect(refused({ connections: "1/12d" })).toBe("nothing was refused");
    expect(refused({ queries: "2592000/30d" })).toBe("nothing was refused");
  });

  test("fails when rates are none", () => {
    expect(refused({ queries: "50", connections: "0/10s" })).toMatchInlineSnapshot(`
      "[RateLimit.perClient()] 'connections' must be a rate such as "100/10s" or "5/s", got "0/10s" [DNSLB108]
      [RateLimit.perClient()] 'queries' must be a rate such as "100/10s" or "5/s", got "50" [DNSLB108]"
    `);
  });

  test("fails when a rate has no unit of time", () => {
    expect(refused({ connections: "30/10" })).toMatchInlineSnapshot(
      `"[RateLimit.perClient()] 'connections' must be a rate such as "100/10s" or "5/s", got "30/10" [DNSLB108]"`,
    );
  });

  test("fails when the number of connections is below 1", () => {
    expect(refused({ concurrentConnections: 0 })).toMatchInlineSnapshot(
      `"[RateLimit.perClient()] 'concurrentConnections' must be a whole number between 1 and 1000000, got 0 [DNSLB104]"`,
    );
  });

  test.each([
    { queries: "5/s", burst: 0 },
    { queries: "50/10s", burst: 1501 },
    { connections: "5/s", burst: 5 },
    { connections: "5/s", exceeded: "refuse" },
    { connections: "5/s", per: { ipv4: 0, ipv6: 129 } },
    { connections: "5/s", per: 24 },
    { connections: "5/s", per: { ipv5: 24 } },
    { connections: "5/s", exempt: ["10.0.0.1", "::ffff:10.0.0.0/104"] },
    { connections: "5/s", exempt: ["0.0.0.0/0", "::/0"] },
    { bytesOut: "100/10s" },
    { bytesOut: "0k/s" },
    { bytesOut: "639k/10s" },
    { bytesOut: "2g/1m" },
    { bytesOut: "1g/999ms" },
    { bytesOut: 100_000 },
  ])("fails when given %j", (options) => {
    expect(refused(options)).toMatchSnapshot();
  });

  test("fails when the choice is unknown", () => {
    expect(refused({ queries: "5/s", exceeded: "truncated" })).toMatchInlineSnapshot(
      `"[RateLimit.perClient()] 'exceeded' must be "truncate" or "drop" or "refuse", got "truncated" [DNSLB103]"`,
    );
  });

  test("fails when a property is misspelt", () => {
    expect(refused({ query: "5/s", connections: "5/s" })).toMatchInlineSnapshot(
      `"[RateLimit.perClient()] 'query' is no property of RateLimit.perClient(), did you mean 'queries'? [DNSLB101]"`,
    );
  });
});
