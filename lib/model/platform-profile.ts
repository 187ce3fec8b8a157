/** The major and minor version of a daemon, as `haproxy -v` and the like print them: `"3.0"`. */
export type DaemonVersion = `${number}.${number}`;

/**
 * The versions of the daemons on a node. A version older than Debian 12's is refused; one newer than Debian 13's is
 * accepted with a warning that names the newest tested one.
 */
export interface DaemonVersions {
  readonly haproxy: DaemonVersion;
  readonly keepalived: DaemonVersion;
  readonly dnsdist: DaemonVersion;
  readonly unbound: DaemonVersion;
  readonly nsd: DaemonVersion;
  /** BIRD, which only nodes of an `AnycastGroup` need. */
  readonly bird?: DaemonVersion;
}

/** The daemons of Debian 12. */
export const DEBIAN_12: Required<DaemonVersions> = {
  haproxy: "2.6",
  keepalived: "2.2",
  dnsdist: "1.7",
  unbound: "1.17",
  nsd: "4.6",
  bird: "2.0",
};
/** The daemons of Debian 13. */
export const DEBIAN_13: Required<DaemonVersions> = {
  haproxy: "3.0",
  keepalived: "2.3",
  dnsdist: "1.9",
  unbound: "1.26",
  nsd: "4.12",
  bird: "2.17",
};

/** The properties of a node's platform on which its configuration depends. */
export interface PlatformProfile {
  readonly name: "docker" | "vm" | "lab";
  readonly versions: DaemonVersions;
  readonly paths: NodePaths;
  /** The unprivileged user of HAProxy and dnsdist: only sockets of one user can share a port. */
  readonly user: string;
  /**
   * The unprivileged user of the watch, of a group of its own: HAProxy and dnsdist can neither signal the watch nor write
   * its results.
   */
  readonly watchUser: string;
  /**
   * Whether the node's kernel does not announce addresses on the loopback interface (`arp_ignore` 1, `arp_announce` 2).
   * Then a node has the virtual addresses there at all times, and still answers packets that reach it after a failover.
   */
  readonly keepsAddresses: boolean;
  /**
   * The directories of the machine that the agent sees under the same paths; absent if it sees all. It reads no other files
   * that secrets come from again.
   */
  readonly secretDirectories?: readonly string[];
  /** Where daemons log: to standard output or to syslog. */
  readonly log: "stdout" | "syslog";
  /** The routes of the node are its own, and not those of a host, so that its agent may change them; absent: they are not. */
  readonly ownsRoutes?: boolean;
  /** What BIRD may do on the node; absent: all of it. */
  readonly birdRights?: BirdRights;
}

/** What the kernel lets BIRD do on a node. */
export interface BirdRights {
  /** It may send packets of BFD; if not, what the user has to do about it. */
  readonly bfd: true | { readonly fix: string };
  /** It may install the default routes that routers announce; if not, what the user has to do about it. */
  readonly routes: true | { readonly fix: string };
}

/** Absolute paths on a node. */
export interface NodePaths {
  /** Holds `releases/<id>/` and the links `current` and `previous`. */
  readonly state: string;
  /** Holds sockets, the drain switch, results of checks and markers; empty after a restart of the node. */
  readonly run: string;
  /** Holds the node agent and its check script; writable by root alone, as keepalived requires. */
  readonly agent: string;
  /** PEM file of the certificate authorities that the node trusts. */
  readonly trustStore: string;
}

/** The UDP port at which the nodes of a group ask each other what they serve, at their own addresses. */
export const WORDS_PORT = 8406;

/** The ports that the daemons of a node use on its loopback address. */
export const LOOPBACK_PORTS = { haproxyHealth: 8405, dnsdistWeb: 8083, dnsdistConsole: 5199 } as const;
