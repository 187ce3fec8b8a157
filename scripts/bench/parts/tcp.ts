import type { Bound } from "../bounds.js";
import { together } from "../results.js";
import { oneQuery } from "./one-query.js";
import type { PeerPart } from "./part.js";
import { throughput } from "./throughput.js";

const PERSISTENT = "tcp/persistent";
const ONE_QUERY = "tcp/one-query";

const PAIRS = [
  ["shipped", "article"],
  ["shipped", "nginx"],
  ["inspected", "dnsdist"],
  ["inspected", "shipped"],
] as const;

/** TCP: with connections that stay, and with one query on each. */
export const tcp: PeerPart = {
  ...{ name: "tcp", title: "TCP", among: "peers" },
  bounds: [
    ...[
      { name: PERSISTENT, title: "TCP, persistent" },
      { name: ONE_QUERY, title: "TCP, one query a connection" },
    ].flatMap(({ name, title }): Bound[] => [
      { of: `${name}/shipped:article`, title: `${title}, direct / the article's HAProxy`, limit: { atLeast: 0.95 } },
      { of: `${name}/shipped:nginx`, title: `${title}, direct / nginx stream`, limit: { atLeast: 0.95 } },
    ]),
    {
      ...{ of: `${PERSISTENT}/inspected:dnsdist`, title: "TCP, persistent, inspected / dnsdist's own TCP" },
      limit: { atLeast: 1.3 },
    },
    {
      ...{ of: `${PERSISTENT}/inspected:shipped`, title: "TCP, persistent, inspected / direct" },
      limit: { atLeast: 0.4 },
    },
  ],
  measure: async (site, around) => {
    const persistent = await throughput(site, around, {
      ...{ name: PERSISTENT, pairs: [...PAIRS, ["shipped", "straight"] as const], costs: true },
      sending: { transport: "tcp" },
    });
    return together([persistent, await oneQuery(site, around, { name: ONE_QUERY, kind: "plain", pairs: PAIRS })]);
  },
};
