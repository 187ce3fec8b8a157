import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Balance } from "../../../lib/model/balance.js";
import { Lab } from "../../../lib/testing/lab/index.js";
import { onBothGenerations } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { frontend, resolverPool, servers, standalone } from "../models.js";

const COUNT = 300;
/** Probes that do not notice within a test that a server hangs. */
const healthCheck = { ...resolverPool().healthCheck, interval: "60s", timeout: "1s", fall: 3 } as const;

const POOLS = {
  "round-robin": { address: "10.0.0.5", first: "192.168.1.10", weights: [1, 3] },
  random: { address: "10.0.0.7", first: "192.168.1.20", weights: [1, 3] },
  "least-connections": { address: "10.0.0.9", first: "192.168.1.30", weights: [1, 1] },
} as const;
type Kind = keyof typeof POOLS & Balance["kind"];

const PATHS = ["udp", "inspected", "direct"] as const;
type Path = (typeof PATHS)[number];

/** The address of a pool's frontend on a path. */
function addressOn(path: Path, kind: Kind): string {
  const { address } = POOLS[kind];
  return path === "inspected" ? address.replace(/\d+$/, (last) => `${Number(last) + 1}`) : address;
}

const frontends = (Object.keys(POOLS) as Kind[]).flatMap((kind) => {
  const { first, weights } = POOLS[kind];
  const members = servers(`${kind}-`, first, 2).map((server, at) => ({ ...server, weight: weights[at] ?? 1 }));
  const pool = resolverPool({ name: kind, servers: members, balance: { kind }, healthCheck });
  return [
    frontend({ name: `${kind}-direct`, addresses: [addressOn("direct", kind)], pool }),
    frontend({ name: `${kind}-inspected`, addresses: [addressOn("inspected", kind)], pool, tcpPath: "inspected" }),
  ];
});

onBothGenerations(
  ({ name, options }) => {
    const NAME = `t_policies_${name}`;
    let lab: Lab;

    beforeAll(async () => {
      const addresses = ["10.0.0.2", ...frontends.flatMap((each) => each.addresses)];
      const nodes = [{ name: "lb1", addresses, interface: "eth0" }];
      lab = await Lab.start([standalone({ nodes, frontends })], { name: NAME, readyWithin: "60s", ...options });
    }, 120_000);
    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(NAME)).toEqual(NOTHING);
    });

    /** How many of the queries each server answers: of each query, or where TCP is direct of each connection. */
    const answersOn = async (path: Path, kind: Kind, rate: number) => {
      const load = await lab.client("10.0.0.77").load({
        ...{ name: "whoami.dns-lb.test", type: "TXT", server: addressOn(path, kind), count: COUNT, rate },
        ...{ transport: path === "udp" ? "udp" : "tcp", connections: "new" },
      });
      const { byAnswer, lost } = await load.done;
      return { byAnswer, lost };
    };

    describe("a server", () => {
      test.each(PATHS)("of Balance.roundRobin() gets its share, by weight, on the path %s", async (path) => {
        const { byAnswer, lost } = await answersOn(path, "round-robin", 300);
        expect(lost).toBe(0);
        // Each of dnsdist's threads takes turns by itself.
        expect(Math.abs((byAnswer["round-robin-1"] ?? 0) - COUNT / 4)).toBeLessThanOrEqual(COUNT / 30);
        expect(Math.abs((byAnswer["round-robin-2"] ?? 0) - (3 * COUNT) / 4)).toBeLessThanOrEqual(COUNT / 30);
      });

      test.each(PATHS)("of Balance.random() gets its share, by weight, about, on the path %s", async (path) => {
        const { byAnswer, lost } = await answersOn(path, "random", 300);
        expect(lost).toBe(0);
        // Five standard deviations.
        expect(Math.abs((byAnswer["random-1"] ?? 0) - COUNT / 4)).toBeLessThan(5 * Math.sqrt((COUNT * 3) / 16));
      });

      test.each(PATHS)("of Balance.leastConnections() that is slow gets less, on the path %s", async (path) => {
        const slow = lab.server("least-connections/least-connections-1");
        await slow.pause();
        try {
          const { byAnswer, lost } = await answersOn(path, "least-connections", 200);
          // One at a time waits for it, until its client gives up; of two that take turns each gets half.
          expect(lost).toBeLessThan(COUNT / 6);
          expect(byAnswer["least-connections-2"]).toBe(COUNT - lost);
        } finally {
          await slow.resume();
        }
      });
    });
  },
  { ownIfShort: true },
);
