import { describe, expect, test } from "vitest";
import type { Frontend } from "../../../lib/model/frontend.js";
import { toFrontend } from "../../../lib/node/compile/dnsdist-frontend.js";
import {
  dnsdistRecursion,
  dnsdistRefreshes,
  dnsdistZoneOperations,
} from "../../../lib/node/compile/zone-operations.js";
import { FRONTEND, POOL } from "./models.js";
import { ruleLines } from "./render.js";

const inspected = { ...FRONTEND, tcpPath: "inspected" as const };
/** The rules of a frontend's own branch. */
const own = (frontend: Frontend) => ({ name: frontend.name, pool: frontend.pool, here: toFrontend(frontend) });
const operations = (frontend: Frontend) => dnsdistZoneOperations(frontend, own(frontend));
const refreshes = (frontend: Frontend) => dnsdistRefreshes(frontend, own(frontend));
const HERE = 'NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false)';
const TRANSFER = 'OrRule({ QTypeRule("AXFR"), QTypeRule("IXFR") })';
const FORBIDDEN = [
  `AndRule({ ${HERE}, ${TRANSFER} }) -> RCodeAction(DNSRCode.REFUSED)`,
  `AndRule({ ${HERE}, OrRule({ OpcodeRule(DNSOpcode.Notify), OpcodeRule(DNSOpcode.Update) }) }) -> RCodeAction(DNSRCode.REFUSED)`,
];

test("authoritative servers are asked for no recursion, whatever clients want, but in signed messages", () => {
  const authoritative = { ...FRONTEND, pool: { ...POOL, role: "authoritative" as const } };
  expect(ruleLines(dnsdistRecursion(own(authoritative)))).toEqual([
    `AndRule({ ${HERE}, NotRule(RecordsTypeCountRule(3, 250, 1, 1)) }) -> SetNoRecurseAction()`,
  ]);
  expect(dnsdistRecursion(own(FRONTEND))).toEqual([]);
});

describe("transfers, NOTIFY and UPDATE", () => {
  test("are refused where every query is seen", () => {
    expect(ruleLines(operations(inspected))).toEqual(FORBIDDEN);
  });

  test("are not half refused where TCP goes past dnsdist", () => {
    expect(operations(FRONTEND)).toEqual([]);
  });

  test("let those who may transfer reach the primary, over TCP", () => {
    const pool = { ...POOL, zoneTransfer: { primary: "r1", allowFrom: ["198.51.100.0/24"] } };
    const permitted = 'NetmaskGroupRule(netmasks({ "198.51.100.0/24" }), true)';
    expect(ruleLines(operations({ ...inspected, pool }))).toEqual([
      `AndRule({ ${HERE}, ${TRANSFER}, TCPRule(true), ${permitted} }) -> PoolAction("resolvers:transfer")`,
      `AndRule({ ${HERE}, ${TRANSFER}, TCPRule(false), ${permitted} }) -> TCAction()`,
      ...FORBIDDEN,
    ]);
  });

  test("let their questions for the serial reach the primary too while it is up, over both transports", () => {
    const pool = { ...POOL, zoneTransfer: { primary: "r1", allowFrom: ["198.51.100.0/24"] } };
    const permitted = 'NetmaskGroupRule(netmasks({ "198.51.100.0/24" }), true)';
    const lines = [
      ["TCPRule(false)", "resolvers:transfer:udp"],
      ["TCPRule(true)", "resolvers:transfer"],
    ].map(
      ([over, target]) =>
        `AndRule({ ${HERE}, QTypeRule("SOA"), ${over}, ${permitted}, PoolAvailableRule("${target}") }) -> PoolAction("${target}")`,
    );
    expect(ruleLines(refreshes({ ...inspected, pool }))).toEqual(lines);
    expect(refreshes(inspected)).toEqual([]);
    expect(refreshes({ ...FRONTEND, pool })).toEqual([]);
  });
});
