/** The first two numbers of a daemon's version, as `haproxy -v` and its like say them: `"3.0"`. */
export type DaemonVersion = `${number}.${number}`;

/**
 * The versions of the daemons on a node. A version older than Debian 12's is refused; one newer than Debian 13's is taken
 * with a warning that says what was tested.
 */
export interface DaemonVersions {
  readonly haproxy: DaemonVersion;
  readonly keepalived: DaemonVersion;
  readonly dnsdist: DaemonVersion;
  readonly unbound: DaemonVersion;
  readonly nsd: DaemonVersion;
}

/** The daemons of Debian 12. */
export const DEBIAN_12: DaemonVersions = {
  haproxy: "2.6",
  keepalived: "2.2",
  dnsdist: "1.7",
  unbound: "1.17",
  nsd: "4.6",
};
/** The daemons of Debian 13. */
export const DEBIAN_13: DaemonVersions = {
  haproxy: "3.0",
  keepalived: "2.3",
  dnsdist: "1.9",
  unbound: "1.26",
  nsd: "4.12",
};

/** What the compiler must know of the place where a node runs, and nothing more. */
export interface PlatformProfile {
  readonly name: "docker" | "vm" | "lab";
  readonly versions: DaemonVersions;
  readonly paths: NodePaths;
  /** HAProxy and dnsdist share one unprivileged user, because only sockets of one user may share a port. */
  readonly user: string;
  /**
   * Whether the node's kernel tells nobody of addresses on the loopback interface (`arp_ignore` 1, `arp_announce` 2), so
   * that a node can have the virtual ones there at all times and goes on answering what still reaches it after a move.
   */
  readonly keepsAddresses: boolean;
  /** Where daemons log: the standard output of their process, or the system's log. */
  readonly log: "stdout" | "syslog";
}

/** Absolute paths on a node. */
export interface NodePaths {
  /** Holds `releases/<id>/` and the links `current` and `previous`. */
  readonly state: string;
  /** Sockets, the drain switch, what checks say, markers; empty after a restart of the node. */
  readonly run: string;
  /** The node agent and its check script; writable by root alone, as keepalived demands. */
  readonly agent: string;
  /** PEM file of the certificate authorities that the node trusts. */
  readonly trustStore: string;
}

/** The ports that the daemons of a node use on its loopback address. */
export const LOOPBACK_PORTS = { haproxyHealth: 8405, dnsdistWeb: 8083, dnsdistConsole: 5199 } as const;
