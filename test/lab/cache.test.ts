import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab, type LabClient } from "../../lib/testing/lab/index.js";
import { onBothGenerations } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, resolverPool, servers, standalone } from "./models.js";

const DIRECT = "10.0.0.2";
const INSPECTED = "10.0.0.4";
const STALE = "10.0.0.6";
const NAME = "whoami.dns-lb.test";

const cache = { entries: 1_000, maximumTtl: "1h", minimumTtl: "0s", serveStale: false } as const;
const pool = resolverPool({
  name: "cached",
  servers: servers("cached", "192.168.1.10", 3),
  balance: { kind: "round-robin" },
  cache,
});
const stale = resolverPool({
  name: "stale",
  servers: servers("stale", "192.168.1.20", 1),
  ...{ whenAllDown: "servfail", cache: { ...cache, maximumTtl: "2s", serveStale: true } },
});
const frontends = [
  frontend({ addresses: [DIRECT], pool }),
  frontend({ name: "inspected", addresses: [INSPECTED], pool, tcpPath: "inspected" }),
  frontend({ name: "old", addresses: [STALE], pool: stale, tcpPath: "inspected" }),
];

onBothGenerations(
  ({ name, options }) => {
    const LAB = `t_cache_${name}`;
    let lab: Lab;
    let client: LabClient;

    beforeAll(async () => {
      const nodes = [{ name: "lb1", addresses: [DIRECT, INSPECTED, STALE], interface: "eth0" }];
      lab = await Lab.start([standalone({ nodes, frontends })], { name: LAB, ...options });
      client = lab.client("10.0.0.77");
    }, 120_000);
    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(LAB)).toEqual(NOTHING);
    });

    /** Which servers answer six queries, each on a socket of its own. */
    const answering = async (server: string, transport: "udp" | "tcp") => {
      const found = new Set<string>();
      for (let index = 0; index < 6; index++) {
        const { status, answers } = await client.query(NAME, "TXT", { server, transport });
        found.add(status === "NOERROR" ? answers.join() : status);
      }
      return found.size;
    };
    const flush = async (...words: string[]) => (await lab.node("lb1").agent("flush-cache", ...words)).stdout.trim();

    test("answers one client with what another has asked, over UDP and inspected TCP", async () => {
      expect(await answering(DIRECT, "udp")).toBe(1);
      expect(await answering(INSPECTED, "tcp")).toBe(1);
      // HAProxy reads no queries.
      expect(await answering(DIRECT, "tcp")).toBe(3);
    });

    test("is emptied by name, with those below, by pool, and as a whole", async () => {
      await flush();
      const answers = new Set<string>();
      for (const words of [[NAME], ["dns-lb.test", "--below", "--pool", "cached"], ["--pool", "cached"]]) {
        answers.add((await client.query(NAME, "TXT", { server: DIRECT })).answers.join());
        expect(await flush(...words)).toMatch(/^1 answer of (1 cache|2 caches) removed$/);
      }
      // Servers take turns in each of dnsdist's threads, of which there is one for each processor.
      expect(answers.size).toBeGreaterThan(1);
      await client.query(NAME, "TXT", { server: DIRECT });
      expect(await flush(NAME, "--type", "AAAA")).toBe("0 answers of 2 caches removed");
      expect(await flush(NAME, "--type", "TYPE16")).toBe("1 answer of 2 caches removed");
      const refused = await lab.node("lb1").agent("flush-cache", "--pool", "no");
      expect(refused).toMatchObject({ status: 1, stderr: "dns-lb-agent: pool no has no cache\n" });
    });

    test("takes no hostile words for names, and loses nothing by them", async () => {
      await flush();
      await client.query(NAME, "TXT", { server: DIRECT });
      const before = await lab.node("lb1").agent("status");
      expect(before.stdout).toMatch(/^cache cached: 1 answers, 1000 at most; answered \d+\.\d % of \d+ queries$/m);
      const dnsdist = /^dnsdist: process (\d+)/m.exec(before.stdout)?.[1];
      const long = "x".repeat(63);
      const names = ["", "..", "a..b", "x".repeat(64), [long, long, long, long].join("."), "\\"];
      for (const each of names) {
        const { status, stderr } = await lab.node("lb1").agent("flush-cache", "--", each);
        expect([each, status, stderr]).toEqual([each, 1, expect.stringMatching(/^dns-lb-agent: [^\n]+\n$/)]);
      }
      for (const each of ['x"); os.exit(); ("', "x\nos.exit()", "\\000.test", "a\\999.test", "ü.test", "."]) {
        expect([each, (await lab.node("lb1").agent("flush-cache", "--", each)).stdout]).toEqual([
          each,
          "0 answers of 2 caches removed\n",
        ]);
      }
      for (const type of ["TYPE65536", "0x1", "-1", 'A"']) {
        expect(await lab.node("lb1").agent("flush-cache", NAME, `--type=${type}`)).toMatchObject({ status: 1 });
      }
      const pool = 'cached", nil, nil, false) os.exit() --';
      expect(await lab.node("lb1").agent("flush-cache", "--pool", pool)).toMatchObject({ status: 1 });
      const many = await Promise.all(Array.from({ length: 10 }, () => flush("other.dns-lb.test")));
      expect(new Set(many)).toEqual(new Set(["0 answers of 2 caches removed"]));
      expect(await flush(".", "--below")).toBe("1 answer of 2 caches removed");
      expect((await lab.node("lb1").agent("status")).stdout).toContain(`dnsdist: process ${dnsdist},`);
    }, 60_000);

    test("gives expired answers while all servers are down, and SERVFAIL for what it has not", async () => {
      const ask = async (asked: string) => (await client.query(asked, "TXT", { server: STALE })).status;
      expect(await ask(NAME)).toBe("NOERROR");
      await lab.server("stale/stale1").stop();
      await expect.poll(() => ask("other.dns-lb.test"), { timeout: 15_000, interval: 500 }).toBe("SERVFAIL");
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      expect(await ask(NAME)).toBe("NOERROR");
      await lab.server("stale/stale1").start();
      await expect.poll(() => ask("www.example.com"), { timeout: 15_000, interval: 500 }).not.toBe("SERVFAIL");
    }, 60_000);
  },
  { ownIfShort: true },
);
