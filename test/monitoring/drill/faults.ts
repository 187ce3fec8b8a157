import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Lab } from "../../../lib/testing/index.js";
import { CommandError } from "../../../lib/testing/lab/errors.js";
import { ADDRESS, CLIENT, leaderOf, otherThan, sleep } from "../../lab/production/stack.js";
import { COLLECTION, RATE_WINDOW } from "./settings.js";

/** What an alert is there for, made in the lab. */
export interface Fault {
  readonly alert: string;
  /** In words, for the table. */
  readonly fault: string;
  /** Seconds until it shows in the metrics. */
  readonly shows: number;
  /** Makes it, and says how it ends. */
  readonly make: (lab: Lab, model: LoadBalancer) => Promise<() => Promise<unknown>>;
  /** Whether the short form sees it. */
  readonly short?: boolean;
}

/** Until the quick probes of the lab have found a server dead, in seconds. */
const DETECTION = 4;
const SERVERS = ["resolver1", "resolver2", "resolver3"];
const seconds = (text: string) => Number.parseInt(text, 10);

/** In the order in which they cost least. */
export const FAULTS: readonly Fault[] = [
  {
    ...{ alert: "DnsLbPoolDegraded", fault: "a server dies", shows: COLLECTION + DETECTION, short: true },
    make: async (lab) => {
      await lab.server("resolver1").kill();
      return () => lab.server("resolver1").start();
    },
  },
  {
    ...{ alert: "DnsLbServerFlapping", fault: "a server dies three times", shows: COLLECTION + DETECTION },
    make: async (lab) => {
      for (let time = 0; time < 3; time += 1) {
        await lab.server("resolver2").kill();
        await sleep(1_000 * (DETECTION + 8));
        await lab.server("resolver2").start();
        if (time < 2) await sleep(1_000 * (DETECTION + 8));
      }
      return async () => {};
    },
  },
  ...(["DnsLbPoolDown", "DnsLbFallbackActive"] as const).map(
    (alert): Fault => ({
      ...{ alert, fault: "all servers of a pool die", shows: COLLECTION + DETECTION },
      make: async (lab) => {
        await Promise.all(SERVERS.map((name) => lab.server(name).kill()));
        return () => Promise.all(SERVERS.map((name) => lab.server(name).start()));
      },
    }),
  ),
  {
    ...{ alert: "DnsLbTwoLead", fault: "two nodes do not hear each other", shows: COLLECTION + 2, short: true },
    make: async (lab) => {
      await lab.node("lb1").partition("both", { from: ["lb2"] });
      return () => lab.node("lb1").heal();
    },
  },
  {
    ...{ alert: "DnsLbServiceDown", fault: "dnsdist stays down", shows: COLLECTION },
    make: async (lab) => {
      const process = lab.node(await leaderOf(lab)).process("dnsdist");
      await process.stop();
      return async () => process.start();
    },
  },
  {
    ...{ alert: "DnsLbMetricsStale", fault: "dnsdist hangs", shows: 2 * COLLECTION },
    make: async (lab) => {
      const process = lab.node(otherThan(lab, await leaderOf(lab))).process("dnsdist");
      await process.pause();
      return () => process.resume();
    },
  },
  {
    ...{ alert: "DnsLbWatchStale", fault: "the watch hangs", shows: COLLECTION + 16 },
    make: async (lab) => {
      const process = lab.node(otherThan(lab, await leaderOf(lab))).process("watch");
      await process.pause();
      return () => process.resume();
    },
  },
  {
    ...{
      alert: "DnsLbLimitsBite",
      fault: "a client that nobody lets in insists",
      shows: COLLECTION + seconds(RATE_WINDOW),
    },
    make: async (lab) => {
      const load = await lab.client(CLIENT.outsider).load({
        ...{ name: "www.example.com", server: ADDRESS.internal, transport: "tcp", rate: 30, connections: "new" },
      });
      return () => load.stop();
    },
  },
  {
    ...{ alert: "DnsLbConnectionsNearShare", fault: "clients hold connections", shows: COLLECTION + 5 },
    make: async (lab) => {
      const load = await lab.client(CLIENT.world).load({
        ...{ name: "www.example.com", server: ADDRESS.public, transport: "tcp", rate: 440 },
        ...{ connections: "persistent", concurrency: 220 },
      });
      return () => load.stop();
    },
  },
  {
    ...{ alert: "DnsLbChangeFailed", fault: "a node refuses a release", shows: COLLECTION },
    make: async (lab) => {
      const node = lab.node("lb2");
      const spec = node.nodeSpec;
      const files = spec.files.map((file) =>
        file.path === "haproxy/haproxy.cfg" ? { ...file, content: `${file.content}nonsense\n` } : file,
      );
      try {
        await node.apply({ ...spec, files });
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        return () => node.apply(spec);
      }
      throw new Error("lb2 took a release that HAProxy cannot read");
    },
  },
  {
    ...{ alert: "DnsLbReleasesDiffer", fault: "a change reaches one node of two", shows: COLLECTION },
    make: async (lab, model) => {
      const nodes = model.nodes.map((node) => (node.name === "lb2" ? { ...node, outOfService: true as const } : node));
      await lab.apply([{ ...model, nodes }]);
      return () => lab.apply([model]);
    },
  },
  {
    ...{ alert: "DnsLbNodeDown", fault: "a node loses its power", shows: 2, short: true },
    make: async (lab) => {
      const node = lab.node(otherThan(lab, await leaderOf(lab)));
      await node.kill();
      return () => node.start();
    },
  },
];

/** What operators do, through which every alert is silent. */
export const PLANNED: readonly {
  readonly what: string;
  readonly work: (lab: Lab, model: LoadBalancer) => Promise<void>;
}[] = [
  {
    what: "a change, and back",
    work: async (lab, model) => {
      const frontends = model.frontends.map((each) => ({ ...each, allowFrom: [...each.allowFrom, "192.0.2.0/24"] }));
      await lab.apply([{ ...model, frontends }]);
      await lab.apply([model]);
    },
  },
  {
    what: "a server is drained for longer than an alert waits",
    work: async (lab) => {
      for (const { name } of lab.nodes) await agent(lab, name, "drain", "resolvers/resolver3");
      await sleep(25_000);
      for (const { name } of lab.nodes) await agent(lab, name, "undrain", "resolvers/resolver3");
    },
  },
  {
    what: "each node is drained, and its daemons are restarted, as an upgrade does",
    work: async (lab) => {
      for (const { name } of lab.nodes) {
        await agent(lab, name, "drain");
        for (const service of ["dnsdist", "haproxy", "keepalived", "watch"]) {
          await lab.node(name).process(service).stop();
          lab.node(name).process(service).start();
        }
        await agent(lab, name, "ready");
        await agent(lab, name, "undrain");
        await sleep(6_000);
      }
    },
  },
];

async function agent(lab: Lab, name: string, ...words: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await lab.node(name).agent(...words);
  if (status !== 0) throw new Error(`${name}: dns-lb-agent ${words.join(" ")}: ${(stderr + stdout).trim()}`);
}
