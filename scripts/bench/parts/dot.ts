import { together } from "../results.js";
import { oneQuery } from "./one-query.js";
import type { PeerPart } from "./part.js";
import { throughput } from "./throughput.js";

const PAIRS = [
  ["shipped", "dnsdist"],
  ["shipped", "article"],
] as const;

/**
 * DNS over TLS: with connections that stay, and with sessions that are new or resumed, one query on each. dnsdist keeps its
 * connections to servers for the next client, HAProxy makes one for each: the article's shows what of a difference is HAProxy's.
 */
export const dot: PeerPart = {
  ...{ name: "dot", title: "DNS over TLS", among: "peers" },
  bounds: [
    { of: "dot/persistent/shipped:dnsdist", title: "DoT, persistent / dnsdist's DoT", limit: { atLeast: 1.6 } },
    { of: "dot/new/shipped:dnsdist", title: "DoT, new sessions / dnsdist's DoT", limit: { atLeast: 1 } },
    { of: "dot/resumed/shipped:dnsdist", title: "DoT, resumed sessions / dnsdist's DoT", limit: { atLeast: 1 } },
    ...["persistent", "new", "resumed"].map((kind) => ({
      of: `dot/${kind}/shipped:article`,
      title: `DoT, ${kind === "persistent" ? kind : `${kind} sessions`} / the article's HAProxy`,
      limit: { atLeast: 0.95 },
    })),
  ],
  measure: async (site, around) => {
    const persistent = { name: "dot/persistent", pairs: PAIRS, sending: { transport: "dot" }, costs: true } as const;
    const results = [await throughput(site, around, persistent)];
    for (const kind of ["new", "resumed"] as const) {
      results.push(await oneQuery(site, around, { name: `dot/${kind}`, kind, pairs: PAIRS }));
    }
    return together(results);
  },
};
