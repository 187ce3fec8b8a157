/** The daemons of each kind of node. */
export const DAEMONS = {
  "load-balancer": ["haproxy", "dnsdist", "keepalived"],
  unbound: ["unbound"],
  nsd: ["nsd"],
} as const;
