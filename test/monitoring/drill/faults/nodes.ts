import { leaderOf, otherThan } from "../../../lab/production/stack.js";
import type { Fault } from "../fault.js";
import { COLLECTION } from "../settings.js";

/** Seconds of silence after which a watch is stale, and one for rounding. */
const STALE = 16;

/** Nodes and what runs on them. */
export const nodes: readonly Fault[] = [
  {
    ...{ alerts: ["DnsLbServiceDown"], fault: "dnsdist stays down", shows: COLLECTION },
    make: async ({ lab }) => {
      const process = lab.node(await leaderOf(lab)).process("dnsdist");
      await process.stop();
      return async () => process.start();
    },
  },
  {
    ...{ alerts: ["DnsLbMetricsStale", "DnsLbCheckFailed"], fault: "dnsdist hangs", shows: 2 * COLLECTION },
    make: async ({ lab }) => {
      const process = lab.node(otherThan(lab, await leaderOf(lab))).process("dnsdist");
      await process.pause();
      return () => process.resume();
    },
  },
  {
    ...{ alerts: ["DnsLbWatchStale"], fault: "the watch hangs", shows: COLLECTION + STALE },
    make: async ({ lab }) => {
      const process = lab.node(otherThan(lab, await leaderOf(lab))).process("watch");
      await process.pause();
      return () => process.resume();
    },
  },
  {
    ...{ alerts: ["DnsLbNodeDown"], fault: "a node loses its power", shows: 2, short: true },
    make: async ({ lab }) => {
      const node = lab.node(otherThan(lab, await leaderOf(lab)));
      await node.kill();
      return () => node.start();
    },
  },
];
