import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { memoryNeed } from "../../../lib/model/memory.js";
import { Lab } from "../../../lib/testing/lab/index.js";
import { type Generation, onBothGenerations } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { authoritativePool, frontend, servers, standalone } from "../models.js";

/*
 * A pool of many servers, all of which each change replaces. `npm run test:scale` takes 2,000 servers and ten changes, with
 * the daemons of both releases of Debian; `npm run test:live` fewer, with those of this machine.
 */
const FULL = process.env["DNS_LB_SCALE"] === "full";
const SERVERS = FULL ? 2_000 : 200;
const CHANGES = FULL ? 10 : 4;
const NAME = "t_scale";
const SHARED = "10.0.0.2";
/* Servers of the pool at one address, each on a port of its own. */
const PORTS = 100;

/** A load balancer whose servers are all others than those with another weight. */
function weighing(weight: number): LoadBalancer {
  const pool = authoritativePool();
  const members = servers("auth", "192.168.1.20", SERVERS / PORTS).flatMap((member) =>
    Array.from({ length: PORTS }, (_, at) => ({ ...member, name: `${member.name}-${at}`, port: 5_300 + at, weight })),
  );
  return standalone({
    outstandingQueries: FULL ? 1_000 : 5_000,
    frontends: [
      frontend({
        addresses: [SHARED],
        tcpPath: "inspected",
        pool: { ...pool, servers: members, healthCheck: { ...pool.healthCheck, interval: "10s", timeout: "2s" } },
      }),
    ],
  });
}

function stateOf(pid: number | undefined) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return {
    resident: number("VmRSS"),
    threads: number("Threads"),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** The most bytes that a process ever had in memory. */
function peakOf(pid: number | undefined): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}

function replacesServers({ name, options }: Generation): void {
  test(`${SERVERS} servers are replaced ${CHANGES} times, and take what they took`, {
    timeout: FULL ? 1_500_000 : 300_000,
  }, async () => {
    const lab = await Lab.start([weighing(1)], { name: `${NAME}_${name}`, readyWithin: "90s", ...options });
    try {
      const dnsdist = () => lab.node("lb1").process("dnsdist").pid;
      const pid = dnsdist();
      const client = lab.client("10.0.0.77");
      const change = async (weight: number) => {
        await lab.apply([weighing(weight)]);
        for (const transport of ["udp", "tcp"] as const) {
          const answer = await client.query("www.example.com", "A", { server: SHARED, transport });
          expect(answer).toMatchObject({ status: "NOERROR", answers: ["192.0.2.80"] });
        }
      };
      await change(2);
      const first = stateOf(pid);
      const load = await client.load({ server: SHARED, name: "www.example.com", type: "A", rate: 50 });
      for (let at = 1; at < CHANGES; at++) await change(2 + at);
      const report = await load.stop();
      expect(report).toMatchObject({ lost: 0, byRcode: { NOERROR: report.sent } });
      expect(dnsdist()).toBe(pid);
      // It keeps them for some seconds.
      const isBack = (key: "resident" | "threads" | "descriptors") => stateOf(pid)[key] <= first[key] * 1.2;
      await lab.waitFor(() => isBack("resident") && isBack("threads") && isBack("descriptors"), {
        timeout: "30s",
        what: "dnsdist frees what was replaced",
      });
      // At no time did it take more than synthesis expects, nor so much less that nodes would be refused for nothing.
      const peak = peakOf(pid);
      expect(peak / memoryNeed(weighing(1), { connections: 8_000 })).toBeLessThan(1);
      expect(peak / memoryNeed(weighing(1), { connections: 8_000 })).toBeGreaterThan(0.5);
    } finally {
      await lab.stop();
    }
    expect(leftovers(`${NAME}_${name}`)).toEqual(NOTHING);
  });
}

if (FULL) onBothGenerations(replacesServers);
else replacesServers({ name: "installed", options: {} });
