import type { Duration } from "../../../lib/core/duration.js";
import type { Event } from "../event.js";
import { NODES } from "../model.js";

/** Nodes that are gone at once, with all that runs on them. */
const gone = (bfd: Duration, within: number, short?: true): readonly Event[] => [
  {
    ...{ key: `killed-${bfd}`, name: `node killed, BFD 3 x ${bfd}`, victims: NODES, site: { bfd } },
    ...{ within, ownShare: true, lasts: 3_500, ...(short ? { short } : {}) },
    strike: (site, victim) => site.node(victim).kill(),
    recover: (site, victim) => site.node(victim).start(),
  },
  {
    ...{ key: `cut-${bfd}`, name: `node cut off, BFD 3 x ${bfd}`, victims: NODES, site: { bfd } },
    ...{ within, ownShare: true, lasts: 3_500 },
    strike: (site, victim) => site.node(victim).partition(),
    recover: (site, victim) => site.node(victim).heal(),
  },
];

export const nodes: readonly Event[] = [...gone("300ms", 1_200, true), ...gone("100ms", 500)];
