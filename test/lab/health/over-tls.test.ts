import { afterAll, beforeAll, test } from "vitest";
import { detectionTime } from "../../../lib/model/health-check.js";
import { Lab } from "../../../lib/testing/lab/index.js";
import { onBothGenerations } from "../generations.js";
import { dnsListener, frontend, resolverPool, servers, standalone } from "../models.js";

/* HealthCheck.dnsOverTls() is the query of a pool whose servers all have TLS. */

const OWN = "10.0.0.2";
const WHOAMI = "whoami.dns-lb.test";

const pool = resolverPool({
  servers: servers("resolver", "192.168.1.10", 3, 853).map((server) => ({ ...server, tls: { name: "dns.test" } })),
  balance: { kind: "round-robin" },
  whenAllDown: "refuse",
});
const model = standalone({
  frontends: [
    frontend({ addresses: [OWN], pool }),
    frontend({
      ...{ name: "inspected", addresses: [OWN], tcpPath: "inspected", pool },
      listeners: [dnsListener("inspected", 5353)],
    }),
  ],
});

const PATHS = [
  [53, "udp"],
  [53, "tcp"],
  [5353, "tcp"],
] as const;

onBothGenerations(
  ({ name, options }) => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await Lab.start([model], { ...options, name: `health_tls_${name}` });
    });
    afterAll(() => lab?.stop());

    const ask = async (port: number, transport: "udp" | "tcp") => {
      const server = { server: OWN, port, transport, timeout: "2s" } as const;
      const { status, answers } = await lab.client("10.0.0.77").query(WHOAMI, "TXT", server);
      return answers[0]?.replaceAll('"', "") ?? status;
    };
    /** Waits until these answer on every path, and nobody else. */
    const serve = async (...expected: readonly string[]) => {
      for (const [port, transport] of PATHS) {
        let found: string[] = [];
        await lab.waitFor(
          async () => {
            found = [];
            for (let asked = 0; asked < 9; asked += 1) found.push(await ask(port, transport));
            return [...new Set(found)].sort().join() === expected.join();
          },
          {
            timeout: `${2 * detectionTime(pool.healthCheck) + 20_000}ms`,
            what: `${transport} on port ${port} is answered by ${expected.join(" and ")}`,
          },
        );
      }
    };

    test("a server that refuses the probe over TLS, or hangs, is out on every path", async () => {
      await serve("resolver1", "resolver2", "resolver3");
      await lab.server("resolver1").ill();
      await lab.server("resolver2").pause();
      await serve("resolver3");
      await lab.server("resolver1").well();
      await lab.server("resolver2").resume();
      await serve("resolver1", "resolver2", "resolver3");
    });
  },
  { ownIfShort: true },
);
