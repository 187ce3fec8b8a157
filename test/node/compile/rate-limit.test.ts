import { describe, expect, test } from "vitest";
import type { RateLimit } from "../../../lib/model/rate-limit.js";
import { dnsdistRateLimit, haproxyClientsTable, haproxyRateLimit } from "../../../lib/node/compile/rate-limit.js";
import { FRONTEND } from "./models.js";
import { directiveLines, ruleLines } from "./render.js";

const limited = (rateLimit: RateLimit) => ({ ...FRONTEND, rateLimit });
const HERE = 'NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false)';

describe("a limit on connections, by HAProxy", () => {
  test("counts new ones and those open at once, in one table", () => {
    const frontend = limited({
      connections: { events: 30, period: 10000, text: "30/10s" },
      concurrentConnections: 5,
      exceeded: "truncate",
    });
    const [table] = haproxyClientsTable(frontend);

    expect(table?.name).toBe("internal:clients");
    expect(directiveLines(table?.directives ?? [])).toEqual([
      "stick-table type ipv6 size 100k expire 20000ms store conn_cur,conn_rate(10000ms)",
    ]);
    expect(directiveLines(haproxyRateLimit(frontend))).toEqual([
      "tcp-request connection reject if { src,ipmask(32,64),table_conn_rate(internal:clients) ge 30 }",
      "tcp-request connection reject if { src,ipmask(32,64),table_conn_cur(internal:clients) ge 5 }",
      "tcp-request connection track-sc0 src,ipmask(32,64) table internal:clients",
    ]);
    expect(dnsdistRateLimit(frontend)).toEqual([]);
  });

  test("leaves a frontend without limits alone", () => {
    expect(haproxyClientsTable(FRONTEND)).toEqual([]);
    expect(haproxyRateLimit(FRONTEND)).toEqual([]);
  });
});

describe("a limit on queries, by dnsdist", () => {
  const bucket = (name: string) => `limiter("internal: ${name}", MaxQPSIPRule, 5, 32, 64, 50, 10, 2, 1)`;

  test("truncates over UDP and refuses over TCP, from a bucket for each", () => {
    const frontend = limited({ queries: { events: 50, period: 10000, text: "50/10s" }, exceeded: "truncate" });
    expect(haproxyRateLimit(frontend)).toEqual([]);
    expect(ruleLines(dnsdistRateLimit(frontend))).toEqual([
      `AndRule({ ${HERE}, TCPRule(false), ${bucket("queries over UDP")} }) -> TCAction()`,
      `AndRule({ ${HERE}, TCPRule(true), ${bucket("queries over TCP")} }) -> RCodeAction(DNSRCode.REFUSED)`,
    ]);
  });

  test.each([
    ["refuse", "RCodeAction(DNSRCode.REFUSED)"],
    ["drop", "DropAction()"],
  ] as const)("can %s", (exceeded, action) => {
    expect(
      ruleLines(dnsdistRateLimit(limited({ queries: { events: 50, period: 10000, text: "50/10s" }, exceeded }))),
    ).toEqual([`AndRule({ ${HERE}, ${bucket("queries")} }) -> ${action}`]);
  });
});
