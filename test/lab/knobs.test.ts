import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DockerNode, StandaloneLoadBalancer } from "../../lib/index.js";
import type { NodeDescription } from "../../lib/model/node.js";
import { Lab as AppLab } from "../../lib/testing/app-lab.js";
import { Lab } from "../../lib/testing/lab/index.js";
import { namespaceName } from "../../lib/testing/lab/names.js";
import { processesIn } from "../../lib/testing/lab/namespace.js";
import { newStack, resolverPool } from "../constructs.js";
import { addAddresses, Flood } from "./floods/flood.js";
import { onBothGenerations } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, resolverPool as poolModel, standalone } from "./models.js";

/*
 * What a node lets users set of its load, as its processes have it: threads, listeners, descriptors and connections.
 */

const CLIENT = "10.0.0.77";
const FLOODER = "10.0.66.6";
const ADDRESSES = ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"] as const;

const SOURCES = Array.from({ length: 40 }, (_, index) => `10.0.66.${index + 20}`);

const withKnobs = (knobs: Partial<NodeDescription>) =>
  standalone({
    nodes: [{ name: "lb1", addresses: ADDRESSES, interface: "eth0", ...knobs }],
    frontends: ADDRESSES.map((address, index) =>
      frontend({ name: `f${index}`, addresses: [address], pool: poolModel(), allowFrom: ["10.0.0.0/8"] }),
    ),
  });

onBothGenerations(
  ({ name, options }) => {
    const NAME = `t_knobs_${name}`;
    let lab: Lab;

    beforeAll(async () => {
      const model = withKnobs({ processors: 1, maxConnections: 2_000 });
      lab = await Lab.start([model], { name: NAME, readyWithin: "60s", ...options });
      await lab.client(CLIENT).query("health.example.com", "A", { server: ADDRESSES[0] });
      await lab.client(FLOODER).query("health.example.com", "A", { server: ADDRESSES[0] });
      await addAddresses(lab, FLOODER, SOURCES);
    }, 120_000);

    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(NAME)).toEqual(NOTHING);
    });

    /** The processes of a daemon on the node, as folders of /proc. */
    const processes = (daemon: string) =>
      processesIn([namespaceName(NAME, "lb1")])
        .map((pid) => `/proc/${pid}`)
        .filter((path) => readFileSync(join(path, "comm"), "utf8").trim() === daemon);
    const descriptors = (path: string) =>
      Number(/^Max open files\s+(\d+)/m.exec(readFileSync(join(path, "limits"), "utf8"))?.[1]);
    const startOf = (path: string) => Number(readFileSync(join(path, "stat"), "utf8").split(") ")[1]?.split(" ")[19]);
    /** Of HAProxy, the process that serves is the last one that the first one has started. */
    const serving = () =>
      processes("haproxy")
        .sort((a, b) => startOf(a) - startOf(b) || Number(a.slice(6)) - Number(b.slice(6)))
        .at(-1) ?? "";
    const listeners = (path: string) =>
      readFileSync(join(path, "net/udp"), "utf8")
        .split("\n")
        .filter((line) => / 00000000:0035 /.test(line)).length;

    const answers = async (server: string) => {
      const { status } = await lab.client(CLIENT).query("health.example.com", "A", {
        ...{ server, transport: "tcp", timeout: "2s" },
      });
      return status;
    };

    test("the daemons have the threads, listeners and descriptors that they are given", () => {
      expect(readdirSync(join(serving(), "task"))).toHaveLength(1);
      expect(processes("dnsdist").map(descriptors)).toEqual([10_000]);
      expect(descriptors(serving())).toBe(10_000);
      expect(listeners(processes("dnsdist")[0] ?? "")).toBe(1);
    });

    test.each<[attacked: number, least: number, most: number]>([
      // Of 2,000 connections 900 are nobody's share, and 225 each are a share: three listeners with 300 each get no more.
      [1, 850, 1_050],
      [3, 700, 1_300],
    ])("%i listeners under attack take nothing that the others are sure of", async (count, least, most) => {
      const [attacked, others] = [ADDRESSES.slice(0, count), ADDRESSES.slice(count)];
      const floods = attacked.map((server) =>
        Flood.start(lab, FLOODER, { kind: "silent", server, port: 53, count: 2_500, seconds: 8, sources: SOURCES }),
      );
      const open = () => readdirSync(join(serving(), "fd")).length;
      await expect.poll(open, { timeout: 6_000 }).toBeGreaterThan(least);
      for (let again = 0; again < 5; again++) {
        expect(await Promise.all(others.map(answers))).toEqual(others.map(() => "NOERROR"));
        expect(open()).toBeLessThan(most);
      }
      await Promise.all(floods.map(({ done }) => done));
      for (const server of attacked) {
        await lab.waitFor(async () => (await answers(server)) === "NOERROR", {
          ...{ timeout: "15s", what: "an attacked frontend answers" },
        });
      }
    });

    test("a change takes another number of listeners, threads and descriptors", async () => {
      await lab.apply([withKnobs({ processors: 2, maxConnections: 4_000 })]);
      expect(readdirSync(join(serving(), "task"))).toHaveLength(2);
      expect(listeners(processes("dnsdist")[0] ?? "")).toBe(2);
      expect(processes("dnsdist").map(descriptors)).toEqual([12_000]);
      expect(await answers(ADDRESSES[0])).toBe("NOERROR");
    });

    test.each<[what: string, knobs: Partial<NodeDescription>, message: RegExp]>([
      ["processors", { processors: 64 }, /is to use 64 processors, and this node may use \d+/],
      [
        "descriptors",
        { maxConnections: 200_000 },
        /needs 404000 descriptors for its connections, and this node grants/,
      ],
      ["memory", { memory: 2 ** 50 }, /is planned for 1073741824 MiB of memory, and this node has \d+ MiB/],
    ])("fails when a node has fewer %s, and changes nothing", async (_, knobs, message) => {
      await expect(lab.apply([withKnobs(knobs)])).rejects.toThrow(message);
      expect(descriptors(processes("dnsdist")[0] ?? "")).toBe(12_000);
    });
  },
  { ownIfShort: true },
);

test("the lab runs an app that is planned for a larger machine", async () => {
  const name = "t_knobs_app";
  const stack = newStack();
  const node = new DockerNode(stack, "Lb1", {
    ...{ address: "10.0.0.2", memory: "1024g", processors: 64, maxConnections: 200_000 },
  });
  new StandaloneLoadBalancer(stack, "Dns", { node }).addDnsFrontend("Internal", {
    ...{ pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"], tcpPath: "direct" },
  });
  const lab = await AppLab.start(stack, { name, readyWithin: "60s" });
  try {
    const { status } = await lab.client(CLIENT).query(".", "NS", { server: "10.0.0.2" });
    expect(status).toBe("NOERROR");
  } finally {
    await lab.stop();
  }
  expect(leftovers(name)).toEqual(NOTHING);
});
