import type { DaemonName } from "./daemon-name.js";

/**
 * What the node agent follows, written as `manifest.json` into every release. It says everything that the agent must
 * know: the agent reads no configuration of a daemon. `lib/node/agent/manifest.schema.json` is made from these types,
 * and the agent's reader is checked against it.
 */
export interface Manifest {
  readonly schema: 2;
  /** The load balancer, or the server behind one, that the node runs. */
  readonly workload: string;
  readonly node: string;
  /** A digest of what the nodes of a load balancer do together, the same on each; absent on servers. */
  readonly configuration?: string;
  /** The user that owns what the daemons read. */
  readonly user: string;
  /** In the order in which they take a release. */
  readonly services: readonly Service[];
  /** Files that the agent writes on the node, because only there is known what they tell. */
  readonly compose: readonly ComposedFile[];
  /** What must all hold before a release counts as live. */
  readonly ready: readonly ReadyCheck[];
  /** The servers behind, by pool: to hand over their state, to tell it, and to drain one of them. */
  readonly pools: readonly ManifestPool[];
  /** What brings addresses to the node, and takes them away. */
  readonly mobility: ManifestMobility;
  readonly watch: Watch;
}

/**
 * A daemon of the node. In commands and settings `{release}` stands for the directory of the release at hand, `{state}`
 * and `{run}` for those of the node. Its environment holds `DNSLB_RELEASE`, the directory of the release.
 */
export interface Service {
  /** Which daemon it is: the agent has a module of that name. */
  readonly name: DaemonName;
  /** Starts it in the foreground. */
  readonly command: readonly string[];
  /** The user it runs as. */
  readonly user: string;
  /** Judges a release that is not live; any output or a status other than 0 refuses the release. Empty: it has no judge. */
  readonly check: readonly string[];
  /** Lets the running daemon take a release. Empty where the agent's module for the daemon has a way of its own. */
  readonly reload: readonly string[];
  /** Where the agent's module finds the daemon's sockets, ports and files, by names that the two agree on. */
  readonly settings: Readonly<Record<string, string>>;
  /** Files of the release that it reads only when it starts: where one differs, a release restarts the daemon. */
  readonly restartOn: readonly ReleasePath[];
  /** A digest of further settings that it reads only when it starts. */
  readonly startSettings?: string;
  /** It may write to the directory `{state}/data/<name>`, which outlives releases and restarts. */
  readonly keepsData: boolean;
  /** Every socket of UDP or TCP that it listens on. */
  readonly listeners: readonly ManifestListener[];
}

/** Where a service listens. */
export interface ManifestListener {
  /** In its one spelling; `0.0.0.0` or `::` for all. */
  readonly address: string;
  /**
   * @asType integer
   * @minimum 1
   * @maximum 65535
   */
  readonly port: number;
  readonly transport: "udp" | "tcp";
  /** It binds an address that the node does not have, or not yet (`IP_FREEBIND`, `IP_TRANSPARENT`). */
  readonly foreign: boolean;
  /** Other sockets of its user may have the port, too (`SO_REUSEPORT`). */
  readonly shared: boolean;
  /** The socket leaves IPv4 alone (`IPV6_V6ONLY`); false for IPv4. */
  readonly v6only: boolean;
  /** How many sockets it has there; only the node can count its processors. */
  readonly sockets: SocketCount | "one-per-processor";
}

/**
 * A number of sockets.
 * @asType integer
 * @minimum 1
 */
export type SocketCount = number;

/**
 * A path inside of a release: relative, and never above it.
 * @pattern ^(?!/)(?!([^\x00-\x1f\x7f]{0,}/)?\.{0,2}(/|$))[^\x00-\x1f\x7f]+$
 */
export type ReleasePath = string;

/** A file that the agent writes into a release. */
export type ComposedFile = ServiceFile | ReleaseMetric;

/** A file for a service, of a secret and in the service's own words. */
export interface ServiceFile {
  readonly kind: "service";
  readonly service: DaemonName;
  readonly path: ReleasePath;
  /** The secret file in it. */
  readonly secret: ReleasePath;
  /** What else the agent's module for the service puts into it. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Prometheus' text that tells the release, which is named by its other files. */
export interface ReleaseMetric {
  readonly kind: "release-metric";
  readonly path: ReleasePath;
}

/** A local check of a daemon, never through a virtual address. */
export type ReadyCheck = DnsCheck | HttpCheck;

/** Passes when the service answers a name with an address. */
export interface DnsCheck {
  readonly kind: "dns";
  readonly service: DaemonName;
  /**
   * @asType integer
   * @minimum 1
   * @maximum 65535
   */
  readonly port: number;
  /** Asked for its A records. */
  readonly name: string;
  /** An address of the node's own. */
  readonly address: string;
  /** The service expects PROXY headers. */
  readonly proxyProtocol: boolean;
}

/** Passes when the service answers with status 200 on the node's loopback address. */
export interface HttpCheck {
  readonly kind: "http";
  readonly service: DaemonName;
  /**
   * @asType integer
   * @minimum 1
   * @maximum 65535
   */
  readonly port: number;
  readonly path: string;
}

/** A pool and the servers in it. */
export interface ManifestPool {
  readonly name: string;
  readonly servers: readonly ManifestServer[];
}

/** A server behind, and what the services of the node call it. */
export interface ManifestServer {
  readonly name: string;
  readonly address: string;
  /**
   * @asType integer
   * @minimum 1
   * @maximum 65535
   */
  readonly port: number;
  /**
   * By service and, in it, by what tells the service's several records of the server apart: a backend of HAProxy, a
   * transport of dnsdist.
   */
  readonly names: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What brings addresses to a node. */
export type ManifestMobility = FixedAddresses | VrrpAddresses;

/** The node has its own addresses and no others. */
export interface FixedAddresses {
  readonly kind: "fixed";
}

/** Virtual addresses that the nodes of a pair hand to one another. */
export interface VrrpAddresses {
  readonly kind: "vrrp";
  /** The service that speaks VRRP. */
  readonly service: DaemonName;
  readonly virtualAddresses: readonly ManifestVirtualAddress[];
}

/** A virtual address of a node. */
export interface ManifestVirtualAddress {
  /** In its one spelling. */
  readonly address: string;
  readonly interface: string;
  /** The node has it on its loopback interface at all times, too. */
  readonly onLoopback: boolean;
}

/**
 * What the agent asks again and again, each check by itself. In `{run}/check-<name>` it keeps 0 or, while the check
 * fails, 1; and while it lives, the time in `{run}/watch`.
 */
export interface Watch {
  /**
   * From one question to the next, in milliseconds.
   * @asType integer
   * @minimum 1
   */
  readonly interval: number;
  /**
   * How long an answer may take, in milliseconds.
   * @asType integer
   * @minimum 1
   */
  readonly timeout: number;
  /**
   * Failures in a row that fail a check.
   * @asType integer
   * @minimum 1
   */
  readonly fall: number;
  /**
   * Successes in a row after which it passes again; as many as failures where it was never heard before.
   * @asType integer
   * @minimum 1
   */
  readonly rise: number;
  readonly checks: readonly WatchCheck[];
}

/** One of the questions. */
export type WatchCheck = DaemonWatch | PoolWatch;

/**
 * The name of a check.
 * @pattern ^[A-Za-z0-9_-]+$
 */
export type CheckName = string;

/** Whether a daemon of the node answers. */
export interface DaemonWatch {
  readonly kind: "daemon";
  readonly name: CheckName;
  readonly check: ReadyCheck;
}

/** Fails while a pool has no live server here and has one at a peer. */
export interface PoolWatch {
  readonly kind: "pool";
  readonly name: CheckName;
  /** Passes, here and at each peer at its own address, while the pool has a live server. */
  readonly alive: DnsCheck;
  /** The other nodes' own addresses. */
  readonly peers: readonly string[];
  /**
   * The query that a peer's servers must answer, when they are asked through the peer, to prove that they live: a DNS
   * message in hexadecimal, whose first two octets the agent replaces.
   * @pattern ^([0-9a-f]{2}){12,}$
   */
  readonly proof: string;
  /**
   * How long the peers' word alone must hold against the pool, and a proof after the pool was dead for all, in
   * milliseconds.
   * @asType integer
   * @minimum 0
   */
  readonly patience: number;
}
