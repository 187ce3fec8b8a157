import { describe, expect, test } from "vitest";
import type { Frontend } from "../../../lib/model/frontend.js";
import { toFrontend } from "../../../lib/node/compile/dnsdist-frontend.js";
import { dnsdistPools, dnsdistServers } from "../../../lib/node/compile/pool.js";
import {
  dnsdistRecursion,
  dnsdistRefreshes,
  dnsdistTransfers,
  dnsdistWrites,
} from "../../../lib/node/compile/zone-operations.js";
import { FRONTEND, POOL } from "./models.js";
import { ruleLines } from "./render.js";

const inspected = { ...FRONTEND, tcpPath: "inspected" as const };
/** The rules of a frontend's own branch. */
const own = (frontend: Frontend) => ({ name: frontend.name, pool: frontend.pool, here: toFrontend(frontend) });
const transfers = (frontend: Frontend) => dnsdistTransfers(frontend, own(frontend));
const writes = (frontend: Frontend) => dnsdistWrites(own(frontend));
const refreshes = (frontend: Frontend) => dnsdistRefreshes(frontend, own(frontend));
const HERE = 'NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false)';
const TRANSFER = 'OrRule({ QTypeRule("AXFR"), QTypeRule("IXFR") })';
const NO_TRANSFER = `AndRule({ ${TRANSFER}, ${HERE} }) -> RCodeAction(DNSRCode.REFUSED)`;
const NO_WRITE = `AndRule({ OrRule({ OpcodeRule(DNSOpcode.Notify), OpcodeRule(DNSOpcode.Update) }), ${HERE} }) -> RCodeAction(DNSRCode.REFUSED)`;

test("authoritative servers are asked for no recursion, whatever clients want, but in signed messages", () => {
  const authoritative = { ...FRONTEND, pool: { ...POOL, role: "authoritative" as const } };
  expect(ruleLines(dnsdistRecursion(own(authoritative)))).toEqual([
    `AndRule({ ${HERE}, NotRule(RecordsTypeCountRule(3, 250, 1, 1)) }) -> SetNoRecurseAction()`,
  ]);
  expect(dnsdistRecursion(own(FRONTEND))).toEqual([]);
});

describe("transfers", () => {
  test("are refused where every query is seen", () => {
    expect(ruleLines(transfers(inspected))).toEqual([NO_TRANSFER]);
  });

  test("are not half refused where TCP goes past dnsdist", () => {
    expect(transfers(FRONTEND)).toEqual([]);
  });

  test("let those who may transfer reach the primary, over TCP", () => {
    const pool = { ...POOL, zoneTransfer: { servers: ["r1"], allowFrom: ["198.51.100.0/24"] } };
    const permitted = 'NetmaskGroupRule(netmasks({ "198.51.100.0/24" }), true)';
    expect(ruleLines(transfers({ ...inspected, pool }))).toEqual([
      `AndRule({ ${TRANSFER}, TCPRule(true), ${HERE}, ${permitted} }) -> PoolAction("resolvers:transfer")`,
      `AndRule({ ${TRANSFER}, TCPRule(false), ${HERE}, ${permitted} }) -> TCAction()`,
      NO_TRANSFER,
    ]);
  });

  test("go to the first of several servers that is up, to the first of all while none is", () => {
    const pool = { ...POOL, zoneTransfer: { servers: ["r2", "r1"], allowFrom: ["198.51.100.0/24"] } };
    const permitted = 'NetmaskGroupRule(netmasks({ "198.51.100.0/24" }), true)';
    const selected = `${TRANSFER}, TCPRule(true), ${HERE}, ${permitted}`;
    expect(ruleLines(transfers({ ...inspected, pool })).slice(0, 3)).toEqual([
      `AndRule({ ${selected}, PoolAvailableRule("resolvers:transfer") }) -> PoolAction("resolvers:transfer")`,
      `AndRule({ ${selected}, PoolAvailableRule("resolvers:transfer:2") }) -> PoolAction("resolvers:transfer:2")`,
      `AndRule({ ${selected} }) -> PoolAction("resolvers:transfer")`,
    ]);
    expect(refreshes({ ...inspected, pool }).map(({ name }) => name)).toEqual([
      "internal: serials over UDP from r2",
      "internal: serials over UDP from r1",
      "internal: serials over TCP from r2",
      "internal: serials over TCP from r1",
    ]);
    const members = dnsdistServers(pool, "").map(({ id, pools }) => [id, pools.slice(2)]);
    expect(Object.fromEntries(members)).toMatchObject({
      "resolvers/r2": ["resolvers:transfer:udp"],
      "resolvers:tcp/r2": ["resolvers:transfer"],
      "resolvers/r1": ["resolvers:transfer:2:udp"],
      "resolvers:tcp/r1": ["resolvers:transfer:2"],
    });
    const names = dnsdistPools(pool, "/verdicts").map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["resolvers:transfer:2", "resolvers:transfer:2:udp"]));
  });

  test("let their questions for the serial reach the primary too while it is up, over both transports", () => {
    const pool = { ...POOL, zoneTransfer: { servers: ["r1"], allowFrom: ["198.51.100.0/24"] } };
    const permitted = 'NetmaskGroupRule(netmasks({ "198.51.100.0/24" }), true)';
    const lines = [
      ["TCPRule(false)", "resolvers:transfer:udp"],
      ["TCPRule(true)", "resolvers:transfer"],
    ].map(
      ([over, target]) =>
        `AndRule({ QTypeRule("SOA"), ${over}, ${HERE}, ${permitted}, PoolAvailableRule("${target}") }) -> PoolAction("${target}")`,
    );
    expect(ruleLines(refreshes({ ...inspected, pool }))).toEqual(lines);
    expect(refreshes(inspected)).toEqual([]);
    expect(refreshes({ ...FRONTEND, pool })).toEqual([]);
  });
});

describe("NOTIFY and UPDATE", () => {
  test("are refused on all that dnsdist sees, of a frontend with the direct TCP path, too", () => {
    expect(ruleLines(writes(inspected))).toEqual([NO_WRITE]);
    expect(ruleLines(writes(FRONTEND))).toEqual([NO_WRITE]);
  });

  test("go from their sources to the server for transfers, all others are refused", () => {
    const pool = {
      ...POOL,
      zoneTransfer: { servers: ["r2"], allowFrom: ["198.51.100.0/24"] },
      notifyFrom: ["192.0.2.1/32"],
      updateFrom: ["192.0.2.0/24"],
    };
    const line = (opcode: string, source: string, tcp: boolean, target: string) =>
      `AndRule({ OpcodeRule(DNSOpcode.${opcode}), TCPRule(${tcp}), ${HERE}, NetmaskGroupRule(netmasks({ "${source}" }), true) }) -> PoolAction("${target}")`;
    expect(ruleLines(writes({ ...inspected, pool }))).toEqual([
      line("Notify", "192.0.2.1/32", false, "resolvers:transfer:udp"),
      line("Notify", "192.0.2.1/32", true, "resolvers:transfer"),
      line("Update", "192.0.2.0/24", false, "resolvers:transfer:udp"),
      line("Update", "192.0.2.0/24", true, "resolvers:transfer"),
      NO_WRITE,
    ]);
  });

  test("go to the first server of the pool that is up where nobody may transfer", () => {
    const pool = { ...POOL, updateFrom: ["192.0.2.0/24"] };
    expect(writes({ ...inspected, pool }).map(({ name }) => name)).toEqual([
      "internal: UPDATE over UDP to r1",
      "internal: UPDATE over UDP to r2",
      "internal: UPDATE over UDP when all is down",
      "internal: UPDATE over TCP to r1",
      "internal: UPDATE over TCP to r2",
      "internal: UPDATE over TCP when all is down",
      "internal: other NOTIFY and UPDATE",
    ]);
  });
});
