import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Event } from "../event.js";
import { group, NODES } from "../model.js";

/** What an operator does on purpose. */
export const operators: readonly Event[] = [
  {
    ...{ key: "drain", name: "drain", victims: NODES, site: {}, lasts: 2_000, short: true },
    strike: async (site, victim) => void (await site.agent(victim, "drain")),
    recover: async (site, victim) => void (await site.agent(victim, "undrain")),
  },
  {
    // What dnsdist reads only at its start: it is restarted on one node after the other.
    ...{ key: "change", name: "rolling change of all nodes", victims: ["all"], site: {}, lasts: 2_000 },
    strike: async (site) => {
      const changed: LoadBalancer = { ...group(), outstandingQueries: 9_000 };
      await site.lab.apply([changed]);
      await site.settle();
    },
    recover: (site) => site.lab.apply([group()]),
  },
];
