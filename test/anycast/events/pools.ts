import type { Event } from "../event.js";
import { SERVERS } from "../model.js";

/** The servers behind are dead for all nodes, which do not notice it at once: to move clients would help nobody. */
export const pools: readonly Event[] = [
  {
    ...{ key: "pools-dead", name: "all pools dead everywhere", victims: ["all"], site: {}, lasts: 8_000 },
    ...{ judgesMoves: true, short: true },
    strike: async (site) => {
      await Promise.all(SERVERS.map((name) => site.lab.server(name).kill()));
    },
    recover: async (site) => {
      await Promise.all(SERVERS.map((name) => site.lab.server(name).start()));
    },
  },
];
