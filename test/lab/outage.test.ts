import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../../lib/testing/lab/index.js";
import { onBothGenerations } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, resolverPool, servers, standalone } from "./models.js";

const SERVER = "10.0.0.2";
/* One server: with several, dnsdist would soon take those that answer. */
const pool = resolverPool({ servers: servers("resolver", "192.168.1.10", 1) });
const model = standalone({ frontends: [frontend({ addresses: [SERVER], tcpPath: "inspected", pool })] });

onBothGenerations(
  ({ name, options }) => {
    const NAME = `t_outage_${name}`;
    let lab: Lab;

    beforeAll(async () => {
      lab = await Lab.start([model], { name: NAME, ...options });
    });

    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(NAME)).toEqual(NOTHING);
    });

    /** The connections to servers that the node's kernel holds open. */
    async function established(): Promise<string[]> {
      const { stdout } = await lab.node("lb1").exec(["ss", "-Htno", "state", "established", "dst", "192.168.1.0/24"]);
      return stdout.split("\n").filter((line) => line !== "");
    }

    /*
     * The kernel sends again after 0.2, 0.6, 1.4 s and so on: by its default, what dnsdist keeps open would send next at 25 or
     * at 51 s, and queries would wait on it for as long after the outage.
     */
    test("inspected TCP comes back with UDP after 30 s without servers, on connections that are new", async () => {
      const client = lab.client("10.0.0.77");
      const start = performance.now();
      const loads = await Promise.all(
        (["udp", "tcp"] as const).map((transport) =>
          client.load({ server: SERVER, name: "www.example.com", transport, rate: 5, timeout: "1s" }),
        ),
      );
      await sleep(2_000);
      expect(await established()).not.toEqual([]);
      await lab.node("lb1").partition("both", { from: ["resolver1"] });
      await sleep(30_000);
      expect(await established()).toEqual([]);
      await lab.node("lb1").heal();
      const healed = performance.now() - start;
      await sleep(10_000);
      for (const load of loads) expect(Math.max(...(await load.stop()).lostAt) - healed).toBeLessThan(5_000);
    });
  },
  { ownIfShort: true },
);
