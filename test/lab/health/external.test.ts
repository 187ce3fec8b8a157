import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { detectionTime } from "../../../lib/model/health-check.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Pool } from "../../../lib/model/pool.js";
import { Lab } from "../../../lib/testing/lab/index.js";
import { onBothGenerations } from "../generations.js";
import { dnsListener, frontend, resolverPool, servers, standalone } from "../models.js";

/* HealthCheck.external(): what a script says of a server that answers every query. */

const OWN = "10.0.0.2";
const WHOAMI = "whoami.dns-lb.test";
const NAMES = ["resolver1", "resolver2", "resolver3"];
const ADDRESS = "192.168.1.10";

/* What the script is to say of a server, by its name. In /tmp, which all hosts of a lab see. */
const folder = mkdtempSync(join(tmpdir(), "dns-lb-script-"));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));
const say = (server: string, word: "yes" | "no" | "hang") => writeFileSync(join(folder, server), `${word}\n`);

const SCRIPT = (refusal: string) => `#!/bin/sh
# Arguments: address, port, name of the server, name of the pool.
[ "$1:$2 $4" = "${ADDRESS.slice(0, -1)}$((\${3#resolver} - 1)):53 resolvers" ] || { echo "got $*"; exit 1; }
case $(cat ${folder}/"$3") in
  no) echo "${refusal}"; exit 1 ;;
  hang) sleep 60 ;;
esac
`;

const SCRIPT_BY_NAME = `#!/bin/sh\n[ "$(cat ${folder}/"$3")" != no ]\n`;

const check = {
  ...resolverPool().healthCheck,
  ...({ kind: "external", script: SCRIPT("in maintenance"), timeout: "400ms" } as const),
};
const model = (script = check.script): LoadBalancer => {
  const pool = resolverPool({
    servers: servers("resolver", ADDRESS, 3),
    healthCheck: { ...check, script },
    balance: { kind: "round-robin" },
    whenAllDown: "refuse",
  });
  // dnsdist queries them for UDP and TCP by one connection, HAProxy by its own.
  const overTls: Pool = {
    ...pool,
    name: "encrypted",
    servers: servers("secure", "192.168.1.20", 3, 853).map((server) => ({ ...server, tls: { name: "dns.test" } })),
    healthCheck: { ...check, script: SCRIPT_BY_NAME },
  };
  return standalone({
    frontends: [
      frontend({ ...{ name: "tls", addresses: [OWN], pool: overTls }, listeners: [dnsListener("tls", 5454)] }),
      frontend({ addresses: [OWN], pool }),
      frontend({
        ...{ name: "inspected", addresses: [OWN], tcpPath: "inspected", pool },
        listeners: [dnsListener("inspected", 5353)],
      }),
    ],
  });
};
/* How long a verdict holds that nobody renews: two intervals and timeouts, and three seconds. */
const EXPIRY = 5_800;

const PATHS = [
  [53, "udp"],
  [53, "tcp"],
  [5353, "tcp"],
] as const;
/* In front of servers over TLS. */
const ENCRYPTED = [
  [5454, "udp"],
  [5454, "tcp"],
] as const;

onBothGenerations(
  ({ name, options }) => {
    let lab: Lab;
    beforeAll(async () => {
      for (const server of [...NAMES, "secure1", "secure2", "secure3"]) say(server, "yes");
      lab = await Lab.start([model()], { ...options, name: `external_${name}` });
      await serve(...NAMES);
    });
    afterEach(async () => {
      for (const server of NAMES) say(server, "yes");
      await serve(...NAMES);
    });
    afterAll(() => lab?.stop());

    /** The server that answers, or the status of its answer. */
    const ask = async (port: number, transport: "udp" | "tcp") => {
      const server = { server: OWN, port, transport, timeout: "2s" } as const;
      const { status, answers } = await lab.client("10.0.0.77").query(WHOAMI, "TXT", server);
      return answers[0]?.replaceAll('"', "") ?? status;
    };
    const answering = async (port: number, transport: "udp" | "tcp") => {
      const found: string[] = [];
      for (let asked = 0; asked < 9; asked += 1) found.push(await ask(port, transport));
      return [...new Set(found)].sort();
    };
    /** Waits until these answer on every path, and nobody else. */
    const serve = (...expected: readonly string[]) => serveOn(PATHS, expected);
    const serveOn = async (
      paths: readonly (readonly [port: number, transport: "udp" | "tcp"])[],
      expected: readonly string[],
    ) => {
      for (const [port, transport] of paths) {
        await lab.waitFor(async () => (await answering(port, transport)).join() === expected.join(), {
          timeout: `${2 * detectionTime(check) + 10_000}ms`,
          what: `${transport} on port ${port} is answered by ${expected.join(" and ")}`,
        });
      }
    };
    const node = () => lab.node("lb1");
    const status = async () => (await node().agent("status")).stdout;

    test("a server whose script says no is out over UDP and TCP alike, and answers all the same", async () => {
      say("resolver1", "no");
      const start = performance.now();
      await serve("resolver2", "resolver3");
      expect(performance.now() - start).toBeLessThan(detectionTime(check) + 3_000);
      expect((await node().agent("query", WHOAMI, "TXT", `@${ADDRESS}`)).stdout).toMatch(/^NOERROR .*, 1 record/);
      expect(await status()).toMatch(
        /^resolvers\/resolver1: haproxy resolvers DOWN, dnsdist tcp down \(ended with 1: in maintenance\), dnsdist udp down \(ended with 1: in maintenance\)$/m,
      );
      say("resolver1", "yes");
      await serve(...NAMES);
      expect(await status()).toMatch(/^resolvers\/resolver1: haproxy resolvers UP, dnsdist tcp up, dnsdist udp up$/m);
    });

    test("servers over TLS are judged by a script as well", async () => {
      await serveOn(ENCRYPTED, ["secure1", "secure2", "secure3"]);
      say("secure2", "no");
      await serveOn(ENCRYPTED, ["secure1", "secure3"]);
      expect(await status()).toMatch(/^encrypted\/secure2: .*DOWN.* down \(ended with 1\)/m);
      say("secure2", "yes");
      await serveOn(ENCRYPTED, ["secure1", "secure2", "secure3"]);
    });

    test("one whose script does not end is out, and no other", async () => {
      say("resolver2", "hang");
      await serve("resolver1", "resolver3");
      expect(await status()).toContain("dnsdist udp down (did not end within 0.4 s)");
    });

    test("all of which it says no are answered for as the pool says", async () => {
      for (const server of NAMES) say(server, "no");
      await serve("REFUSED");
    });

    test("another script of a release decides, and no query is lost by it", async () => {
      say("resolver3", "no");
      await serve("resolver1", "resolver2");
      const lost: string[] = [];
      let ended = false;
      const asking = PATHS.map(async ([port, transport]) => {
        while (!ended) {
          const answer = await ask(port, transport);
          if (!["resolver1", "resolver2"].includes(answer)) lost.push(`${transport} ${port}: ${answer}`);
        }
      });
      await lab.apply([model(SCRIPT("of the other script"))]);
      await lab.waitFor(async () => (await status()).includes("(ended with 1: of the other script)"), {
        what: "the new script has judged",
      });
      ended = true;
      await Promise.all(asking);
      expect(lost).toEqual([]);
      expect((await node().agent("rollback")).status).toBe(0);
      await lab.waitFor(async () => (await status()).includes("(ended with 1: in maintenance)"), {
        what: "the script of before has judged",
      });
      await serve("resolver1", "resolver2");
    });

    test("a server stays out while dnsdist and HAProxy are started again", async () => {
      say("resolver1", "no");
      await serve("resolver2", "resolver3");
      for (const daemon of ["dnsdist", "haproxy"]) {
        await node().process(daemon).kill();
        node().process(daemon).start();
        await lab.waitFor(async () => (await node().agent("ready", "--timeout", "5")).status === 0);
        await serve("resolver2", "resolver3");
        expect(await status()).not.toMatch(/^resolvers\/resolver[23]: .*(down|DOWN)/m);
      }
    });

    test("a watch that is gone takes no server out: dnsdist's own probe decides when the verdicts expire", async () => {
      say("resolver1", "no");
      await serve("resolver2", "resolver3");
      await node().process("watch").kill();
      const start = performance.now();
      // The verdicts hold for a while.
      expect(await answering(53, "udp")).toEqual(["resolver2", "resolver3"]);
      await serve(...NAMES);
      expect(performance.now() - start).toBeGreaterThan(EXPIRY - 2_500);
      expect(await status()).toContain("(has no verdict of its script: dnsdist's own probe decides)");
      await lab.server("resolver2").kill();
      await serve("resolver1", "resolver3");
      await lab.server("resolver2").start();
      node().process("watch").start();
      await serve("resolver2", "resolver3");
    });
  },
  { ownIfShort: true },
);
