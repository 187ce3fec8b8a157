import { describe, expect, test } from "vitest";
import { type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../../../lib/model/platform-profile.js";
import type { RateLimit } from "../../../lib/model/rate-limit.js";
import {
  dnsdistRateLimit,
  haproxyClientsTable,
  haproxyExemptLists,
  haproxyLocalPeer,
  haproxyPeers,
  haproxyRateLimit,
} from "../../../lib/node/compile/rate-limit.js";
import { featuresOf } from "../../../lib/node/features.js";
import { FRONTEND, PROFILE } from "./models.js";
import { directiveLines, ruleLines } from "./render.js";

const DEFAULTS = { per: { ipv4: 32, ipv6: 64 }, exempt: [], exceeded: "truncate" } as const;
const limited = (rateLimit: Partial<RateLimit>) => ({ ...FRONTEND, rateLimit: { ...DEFAULTS, ...rateLimit } });
const HERE = 'NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false)';
const OLD = featuresOf(DEBIAN_12);
const NEW = featuresOf(DEBIAN_13);

const CONNECTIONS = { events: 30, period: 10000, text: "30/10s" } as const;
const QUERIES = { events: 50, period: 10000, text: "50/10s" } as const;
const BYTES = { bytes: 1_048_576, period: 15_000, text: "1m/15s" } as const;

const tables = (frontend: ReturnType<typeof limited>, features = OLD) =>
  haproxyClientsTable(frontend, features).map(({ name, directives }) => `${name}: ${directiveLines(directives)}`);

describe("a limit on connections, by HAProxy", () => {
  test("counts new ones and those open at once, in one table", () => {
    const frontend = limited({ connections: CONNECTIONS, concurrentConnections: 5 });
    expect(tables(frontend)).toEqual([
      "internal:clients: stick-table type ipv6 size 100k expire 20000ms store conn_cur,conn_rate(10000ms) peers clients:node",
    ]);
    expect(directiveLines(haproxyRateLimit(frontend, OLD))).toEqual([
      "tcp-request connection reject if { src,ipmask(32,64),table_conn_rate(internal:clients) ge 30 }",
      "tcp-request connection reject if { src,ipmask(32,64),table_conn_cur(internal:clients) ge 5 }",
      "tcp-request connection track-sc0 src,ipmask(32,64) table internal:clients",
    ]);
    expect(haproxyRateLimit(frontend, NEW)).toEqual(haproxyRateLimit(frontend, OLD));
    expect(dnsdistRateLimit(frontend)).toEqual([]);
  });

  test("counts networks as clients, and some clients not at all", () => {
    const exempt = ["2001:db8::/32", "10.9.0.0/16"];
    const frontend = limited({ connections: CONNECTIONS, per: { ipv4: 24, ipv6: 56 }, exempt });
    expect(directiveLines(haproxyRateLimit(frontend, OLD))).toEqual([
      "tcp-request connection reject if { src,ipmask(24,56),table_conn_rate(internal:clients) ge 30 } !{ src -f lists/internal-exempt.lst }",
      "tcp-request connection track-sc0 src,ipmask(24,56) table internal:clients unless { src -f lists/internal-exempt.lst }",
    ]);
    expect(haproxyExemptLists(frontend)).toEqual([
      { path: "haproxy/lists/internal-exempt.lst", content: "10.9.0.0/16\n2001:db8::/32\n" },
    ]);
    expect(haproxyExemptLists(FRONTEND)).toEqual([]);
  });

  test("leaves a frontend without limits alone", () => {
    for (const features of [OLD, NEW]) {
      expect(haproxyClientsTable(FRONTEND, features)).toEqual([]);
      expect(haproxyRateLimit(FRONTEND, features)).toEqual([]);
    }
  });
});

describe("a limit on bytes, by HAProxy", () => {
  const frontend = limited({ bytesOut: BYTES, exempt: ["10.9.0.0/16"] });

  test("rejects new connections where it can do no more", () => {
    expect(tables(frontend)).toEqual([
      "internal:clients: stick-table type ipv6 size 100k expire 30000ms store conn_cur,conn_rate(10000ms),bytes_out_rate(15000ms) peers clients:node",
    ]);
    expect(directiveLines(haproxyRateLimit(frontend, OLD))).toEqual([
      "tcp-request connection reject if { src,ipmask(32,64),table_bytes_out_rate(internal:clients) ge 1048576 } !{ src -f lists/internal-exempt.lst }",
      "option contstats",
      "tcp-request connection track-sc0 src,ipmask(32,64) table internal:clients unless { src -f lists/internal-exempt.lst }",
    ]);
  });

  test("holds back what open connections get where it can", () => {
    expect(tables(frontend, NEW)).toEqual([
      "internal:client-bytes: stick-table type ipv6 size 100k expire 2000ms store bytes_out_rate(1000ms)",
    ]);
    expect(directiveLines(haproxyRateLimit(frontend, NEW))).toEqual([
      "filter bwlim-out client-bytes key src,ipmask(32,64) table internal:client-bytes limit 69905",
      "tcp-request content set-bandwidth-limit client-bytes unless { src -f lists/internal-exempt.lst }",
    ]);
  });
});

describe("counters of HAProxy", () => {
  const profile = (versions: DaemonVersions) => ({ ...PROFILE, versions });
  const peers = (frontend: typeof FRONTEND, versions = DEBIAN_12) =>
    haproxyPeers([frontend], profile(versions)).map(({ name, directives }) => [name, directiveLines(directives)]);

  test("go from a process to the next by a section of peers", () => {
    const frontend = limited({ connections: CONNECTIONS });
    expect(peers(frontend)).toEqual([
      ["clients:node", [`bind unix@${PROFILE.paths.run}/haproxy-peers.sock mode 600`, "server node"]],
    ]);
    expect(directiveLines(haproxyLocalPeer([frontend], PROFILE))).toEqual(["localpeer node"]);
  });

  test("stay without one where none is worth it", () => {
    expect(peers(FRONTEND)).toEqual([]);
    expect(peers(limited({ queries: QUERIES }))).toEqual([]);
    expect(peers(limited({ bytesOut: BYTES }), DEBIAN_13)).toEqual([]);
    expect(haproxyLocalPeer([FRONTEND], PROFILE)).toEqual([]);
  });
});

describe("a limit on queries, by dnsdist", () => {
  const bucket = (name: string) => `limiter("internal: ${name}", MaxQPSIPRule, 5, 32, 64, 50, 10, 2, 1)`;

  test("truncates over UDP and refuses over TCP, from a bucket for each", () => {
    const frontend = limited({ queries: QUERIES });
    expect(haproxyRateLimit(frontend, OLD)).toEqual([]);
    expect(ruleLines(dnsdistRateLimit(frontend))).toEqual([
      `AndRule({ TCPRule(false), ${HERE}, ${bucket("queries over UDP")} }) -> TCAction()`,
      `AndRule({ TCPRule(true), ${HERE}, ${bucket("queries over TCP")} }) -> RCodeAction(DNSRCode.REFUSED)`,
    ]);
  });

  test.each([
    ["refuse", "RCodeAction(DNSRCode.REFUSED)"],
    ["drop", "DropAction()"],
  ] as const)("can %s", (exceeded, action) => {
    expect(ruleLines(dnsdistRateLimit(limited({ queries: QUERIES, exceeded })))).toEqual([
      `AndRule({ ${HERE}, ${bucket("queries")} }) -> ${action}`,
    ]);
  });

  test("counts networks as clients, some clients not at all, and lets a burst pass", () => {
    const options = { per: { ipv4: 24, ipv6: 56 }, exempt: ["10.9.0.0/16"], burst: 120 } as const;
    expect(ruleLines(dnsdistRateLimit(limited({ queries: QUERIES, exceeded: "drop", ...options })))).toEqual([
      `AndRule({ ${HERE}, NotRule(NetmaskGroupRule(netmasks({ "10.9.0.0/16" }), true)), limiter("internal: queries", MaxQPSIPRule, 5, 24, 56, 120, 24, 2, 1) }) -> DropAction()`,
    ]);
  });
});
