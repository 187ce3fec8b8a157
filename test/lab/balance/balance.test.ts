import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../../../lib/testing/lab/index.js";
import { onBothGenerations } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { servers } from "../models.js";
import { type Answers, Clients, moved, shares } from "./clients.js";
import { balanced, HASHED, ORDERED, SERVERS } from "./models.js";

/** Neighbours of IPv4; of IPv6, those of one network, and those that differ by the network alone. */
const ADDRESSES = [
  ...Array.from({ length: 300 }, (_, at) => `10.1.${at >> 8}.${at & 255}`),
  ...Array.from({ length: 100 }, (_, at) => `fd00:1:${at.toString(16)}::1`),
  ...Array.from({ length: 100 }, (_, at) => `fd00:2::${at.toString(16)}`),
];
const PATHS = ["udp", "inspected", "direct"] as const;
type Path = (typeof PATHS)[number];

/* What `dns-lb-agent status` says of a server. */
const ALL_UP = /: haproxy \w+ UP, dnsdist tcp up, dnsdist udp up$/;
const ALL_DOWN = /: haproxy \w+ DOWN.*, dnsdist tcp down.*, dnsdist udp down/;

onBothGenerations(
  ({ name, options }) => {
    const NAME = `t_balance_${name}`;
    let lab: Lab;
    let clients: Clients;

    beforeAll(async () => {
      lab = await Lab.start([balanced()], { name: NAME, readyWithin: "60s", ...options });
      clients = await Clients.on(lab, "10.0.0.77", ADDRESSES);
    }, 120_000);
    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(NAME)).toEqual(NOTHING);
    });

    /** Waits until both nodes say that these servers are down, and no other. */
    const untilDown = (...down: readonly string[]) => {
      const isDown = (line: string) => down.some((server) => line.includes(`/${server}:`));
      return lab.waitFor(
        async () => {
          const texts = await Promise.all(lab.nodes.map(async (node) => (await node.agent("status")).stdout));
          const lines = texts.flatMap((text) => text.split("\n").filter((line) => /^\w+\/resolver/.test(line)));
          // A daemon that does not answer in time says nothing.
          return lines.length > 0 && lines.every((line) => (isDown(line) ? ALL_DOWN : ALL_UP).test(line));
        },
        { timeout: "60s", what: `down are ${down.join(", ") || "none"}` },
      );
    };

    const ask = async (path: Path, { direct, inspected } = HASHED): Promise<Answers> => {
      const [transport, addresses] =
        path === "udp" ? (["udp", direct] as const) : (["tcp", { direct, inspected }[path]] as const);
      const answers = await Promise.all(addresses.map((address) => clients.ask(transport, address)));
      return Object.assign({}, ...answers);
    };
    const askAll = async (places = HASHED): Promise<Record<Path, Answers>> => ({
      udp: await ask("udp", places),
      inspected: await ask("inspected", places),
      direct: await ask("direct", places),
    });

    describe("Balance.sourceHash()", () => {
      let before: Record<Path, Answers>;
      let withoutSecond: Record<Path, Answers>;
      beforeAll(async () => {
        before = await askAll();
      }, 60_000);

      test.each(PATHS)("shares clients by weight, on the path %s", (path) => {
        const answers = Object.entries(before[path]);
        for (const family of [answers.filter(([client]) => client.includes(".")), answers]) {
          const counts = shares(Object.fromEntries(family));
          expect(Object.keys(counts).sort()).toEqual(SERVERS.map((server) => server.name));
          for (const { name: server, weight } of SERVERS) {
            const share = ((counts[server] ?? 0) / family.length) * 5;
            expect(share, `${server} of ${JSON.stringify(counts)}`).toBeGreaterThan(0.7 * weight);
            expect(share, `${server} of ${JSON.stringify(counts)}`).toBeLessThan(1.3 * weight);
          }
        }
      });

      test("gives a client one server, over UDP and over inspected TCP", async () => {
        expect(await askAll()).toEqual(before);
        expect(before.inspected).toEqual(before.udp);
      }, 60_000);

      test("moves the clients of a server that is down, to all others, and no client else", async () => {
        await lab.server("hashed/resolver2").kill();
        await untilDown("resolver2");
        withoutSecond = await askAll();
        for (const path of PATHS) {
          const own = Object.keys(before[path]).filter((client) => before[path][client] === "resolver2");
          expect(moved(before[path], withoutSecond[path]).sort()).toEqual(own.sort());
          const now = new Set(own.map((client) => withoutSecond[path][client]));
          expect([...now].sort()).toEqual(["resolver1", "resolver3", "resolver4"]);
        }
      }, 60_000);

      test("moves nobody when that server leaves the pool, and back those who moved when it returns", async () => {
        const left = SERVERS.filter((server) => server.name !== "resolver2");
        await lab.apply([balanced(left)]);
        expect(await askAll()).toEqual(withoutSecond);
        await lab.apply([balanced()]);
        expect(await askAll()).toEqual(withoutSecond);
        await lab.server("hashed/resolver2").start();
        await untilDown();
        expect(await askAll()).toEqual(before);
      }, 240_000);

      test("moves nobody when the servers stand in another order", async () => {
        await lab.apply([balanced([...SERVERS].reverse())]);
        await untilDown();
        expect(await askAll()).toEqual(before);
      }, 240_000);

      test("moves clients to a new server alone", async () => {
        const [added] = servers("resolver9", "192.168.1.19", 1);
        if (added === undefined) throw new Error("there is a server");
        await lab.apply([balanced([added, ...SERVERS])]);
        await untilDown();
        const after = await askAll();
        for (const path of PATHS) {
          const share = moved(before[path], after[path]);
          expect(new Set(share.map((client) => after[path][client]))).toEqual(new Set([added.name]));
          expect(share.length / ADDRESSES.length).toBeGreaterThan(0.7 / 6);
          expect(share.length / ADDRESSES.length).toBeLessThan(1.3 / 6);
        }
        await lab.apply([balanced()]);
      }, 240_000);

      test("is the same on the other node", async () => {
        const [leader = ""] = await lab.holders("10.0.0.53");
        await lab.node(leader).kill();
        await lab.waitFor(async () => !(await lab.holders("10.0.0.53")).includes(leader), { timeout: "20s" });
        await lab.waitFor(async () => (await lab.holders("fd00::54")).length === 1, { timeout: "20s" });
        try {
          expect(await askAll()).toEqual(before);
        } finally {
          await lab.node(leader).start();
          await lab.waitUntilReady();
        }
      }, 240_000);
    });

    describe("Balance.first()", () => {
      const everybodyAt = async (server: string) => {
        const answers = await askAll(ORDERED);
        expect(Object.fromEntries(PATHS.map((path) => [path, shares(answers[path])]))).toEqual(
          Object.fromEntries(PATHS.map((path) => [path, { [server]: 300 }])),
        );
      };
      afterEach(async () => {
        for (const server of lab.servers) if (!server.running) await server.start();
        await untilDown();
      });

      test("uses the first server that is up, and comes back to it", async () => {
        await untilDown();
        await everybodyAt("resolver1");
        await lab.server("ordered/resolver1").kill();
        await untilDown("resolver1");
        await everybodyAt("resolver2");
        await lab.server("ordered/resolver2").kill();
        await untilDown("resolver1", "resolver2");
        await everybodyAt("resolver3");
        await lab.server("ordered/resolver1").start();
        await untilDown("resolver2");
        await everybodyAt("resolver1");
      }, 240_000);

      test("uses another server when the order changes", async () => {
        const [first, second, third] = servers("resolver", "192.168.1.10", 3);
        if (!first || !second || !third) throw new Error("there are three servers");
        await lab.apply([balanced(SERVERS, [second, first, third])]);
        await everybodyAt("resolver2");
        await lab.apply([balanced(SERVERS, [third, second, first])]);
        await everybodyAt("resolver3");
      }, 240_000);
    });
  },
  { ownIfShort: true },
);
