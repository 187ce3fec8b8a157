import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { Lab } from "../../../lib/testing/lab/index.js";
import { onBothGenerations } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { authoritativePool, frontend, servers, standalone } from "../models.js";

/*
 * A pool of many servers, all of which each change replaces. `npm run test:scale` takes 2,000 servers and ten changes,
 * `npm run test:live` fewer.
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

onBothGenerations(({ name, options }) => {
  test(`${SERVERS} servers are replaced ${CHANGES} times, and take what they took`, { timeout: 600_000 }, async () => {
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
      // The threads of removed servers end within a second.
      await lab.waitFor(() => stateOf(pid).threads <= first.threads * 1.2, { what: "the threads end" });
      const last = stateOf(pid);
      console.log(first, last);
      expect(last.resident / first.resident).toBeLessThan(1.2);
      expect(last.descriptors / first.descriptors).toBeLessThan(1.2);
    } finally {
      await lab.stop();
    }
    expect(leftovers(`${NAME}_${name}`)).toEqual(NOTHING);
  });
});
