import type { Fault } from "../fault.js";
import { COLLECTION } from "../settings.js";

/** Who has the addresses of a pair. */
export const addresses: readonly Fault[] = [
  {
    ...{ alerts: ["DnsLbTwoLead"], fault: "two nodes do not hear each other", shows: COLLECTION + 2, short: true },
    make: async ({ lab }) => {
      await lab.node("lb1").partition("both", { from: ["lb2"] });
      return () => lab.node("lb1").heal();
    },
  },
  {
    ...{ alerts: ["DnsLbNobodyLeads"], fault: "keepalived stays down on both nodes", shows: COLLECTION },
    make: async ({ lab }) => {
      const processes = lab.nodes.map((node) => node.process("keepalived"));
      await Promise.all(processes.map((process) => process.stop()));
      return async () => {
        for (const process of processes) process.start();
      };
    },
  },
];
