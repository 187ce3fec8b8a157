import type { Bound } from "../bounds.js";
import { together } from "../results.js";
import type { PeerPart } from "./part.js";
import { throughput } from "./throughput.js";

const KINDS = [
  { name: "tcp/persistent", title: "TCP, persistent", connections: "persistent" },
  { name: "tcp/one-query", title: "TCP, one query a connection", connections: "one query" },
] as const;

const BOUNDS: readonly Bound[] = [
  ...KINDS.flatMap(({ name, title }): Bound[] => [
    { of: `${name}/shipped:article`, title: `${title}, direct / the article's HAProxy`, limit: { atLeast: 0.95 } },
    { of: `${name}/shipped:nginx`, title: `${title}, direct / nginx stream`, limit: { atLeast: 0.95 } },
  ]),
  {
    ...{ of: "tcp/persistent/inspected:dnsdist", title: "TCP, persistent, inspected / dnsdist's own TCP" },
    limit: { atLeast: 1.3 },
  },
  {
    ...{ of: "tcp/persistent/inspected:shipped", title: "TCP, persistent, inspected / direct" },
    limit: { atLeast: 0.4 },
  },
];

/** TCP: with connections that stay, and with one query on each. */
export const tcp: PeerPart = {
  ...{ name: "tcp", title: "TCP", among: "peers", bounds: BOUNDS },
  measure: async (site, around) => {
    const results = [];
    for (const { name, connections } of KINDS) {
      const sending = { transport: "tcp", connections } as const;
      const pairs = [
        ["shipped", "article"],
        ["shipped", "nginx"],
        ["inspected", "dnsdist"],
        ["inspected", "shipped"],
        ["shipped", "straight"],
      ] as const;
      results.push(await throughput(site, around, { name, pairs, sending }));
    }
    return together(results);
  },
};
