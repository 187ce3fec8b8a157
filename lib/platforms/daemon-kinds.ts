/** The daemons of each kind of node. */
export const DAEMONS = {
  "load-balancer": ["haproxy", "dnsdist", "keepalived"],
  anycast: ["haproxy", "dnsdist", "bird"],
  unbound: ["unbound"],
  nsd: ["nsd"],
} as const;

/** What a node is for. */
export type DaemonKind = keyof typeof DAEMONS;

/** Which kinds there are. */
export const DAEMON_KINDS: Readonly<Record<DaemonKind, true>> = {
  "load-balancer": true,
  anycast: true,
  unbound: true,
  nsd: true,
};

/** Debian's package of a daemon. */
export function packageOf(daemon: string): string {
  return daemon === "bird" ? "bird2" : daemon;
}

/** The kind of node that has these daemons. */
export function kindWith(daemons: readonly string[]): string | undefined {
  return Object.entries(DAEMONS).find(([, own]) => daemons.every((name) => own.some((each) => each === name)))?.[0];
}
