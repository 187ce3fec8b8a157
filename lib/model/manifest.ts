import type { DaemonName } from "./daemon-name.js";

/**
 * The instructions for the node agent, written as `manifest.json` into every release. The agent reads nothing else: no
 * configuration of a daemon. `lib/node/agent/manifest.schema.json` is generated from these types, and the agent's
 * reader is tested against it.
 */
export interface Manifest {
  readonly schema: 2;
  /** The name of the load balancer, or of the downstream server, that the node runs. */
  readonly workload: string;
  readonly node: string;
  /** A digest of the load balancer's configuration, the same on each of its nodes; absent on downstream servers. */
  readonly configuration?: string;
  /** The user that owns the files which the daemons read. */
  readonly user: string;
  /** In the order in which a release is applied to them. */
  readonly services: readonly Service[];
  /** Files that the agent writes, because their content is known only on the node. */
  readonly compose: readonly ComposedFile[];
  /** Checks that must all pass before a release is live. */
  readonly ready: readonly ReadyCheck[];
  /** The downstream servers by pool: the agent keeps their state over a reload, shows it, and drains one of them. */
  readonly pools: readonly ManifestPool[];
  /** How addresses are assigned to the node and withdrawn from it. */
  readonly mobility: ManifestMobility;
  readonly watch: Watch;
  /** The nodes of the load balancer that are out of service; absent if there is none. */
  readonly outOfService?: readonly OutOfServiceNode[];
  /** The listeners with TLS; absent if there is none. */
  readonly tls?: readonly TlsListener[];
  /** What the node serves, for `status`; absent on downstream servers. */
  readonly frontends?: readonly ManifestFrontend[];
  /** The files of the node that the agent reads again; absent if there is none that it sees. */
  readonly nodeFiles?: readonly NodeFile[];
}

/** A file of the release that is a copy of a file of the node, which other programs write. */
export interface NodeFile {
  readonly path: ReleasePath;
  readonly source: NodePath;
}

/**
 * An absolute path on the node.
 * @pattern ^/[^\x00-\x1f\x7f]+$
 */
export type NodePath = string;

/** A frontend, as an operator wants to see it. */
export interface ManifestFrontend {
  readonly name: DaemonName;
  /** In canonical form. */
  readonly addresses: readonly string[];
  /** What it speaks on all of its addresses. */
  readonly listeners: readonly FrontendListener[];
  /** Whether HAProxy balances TCP connections itself, or dnsdist reads every query. */
  readonly tcpPath: "direct" | "inspected";
}

/** A protocol of a frontend, and its port. */
export interface FrontendListener {
  readonly kind: "dns" | "dot" | "pass-through";
  /**
   * @asType integer
   * @minimum 1
   * @maximum 65535
   */
  readonly port: number;
}

/** A listener with TLS, whose certificate and session tickets the agent looks after. */
export interface TlsListener {
  /** Its name in the service. */
  readonly name: DaemonName;
  readonly service: DaemonName;
  /** The PEM file of its certificate, chain and key. */
  readonly certificate: ReleasePath;
  /** Those of its further certificates. */
  readonly moreCertificates?: readonly ReleasePath[];
  /** The name by which clients verify the first certificate. */
  readonly serverName?: string;
  /** Clients that present certificates. A ticket made under one of these conditions is worth nothing under another. */
  readonly clients?: TlsClients;
  /** The user's keys of session tickets; without them the node makes its own, and changes them. */
  readonly ticketKeys?: ReleasePath;
}

/** How clients are verified by their certificates. */
export interface TlsClients {
  /** The PEM file of their authorities. */
  readonly trust: ReleasePath;
  readonly mode: "optional" | "required";
}

/** A node that does not get changes, because it is off or away. */
export interface OutOfServiceNode {
  readonly name: string;
  /** The address by which peers ask it. */
  readonly address: string;
}

/**
 * A daemon of the node. In commands and settings, `{release}` stands for the directory of the release, `{state}` and
 * `{run}` for those of the node. The environment of the daemon holds `DNSLB_RELEASE`, the directory of the release.
 */
export interface Service {
  /** The daemon; the agent has a module of that name. */
  readonly name: DaemonName;
  /** The command that starts the daemon in the foreground. */
  readonly command: readonly string[];
  /** The user that the daemon runs as. */
  readonly user: string;
  /**
   * The command that checks a release before it is live; any output or a status other than 0 refuses it. Empty: no
   * check.
   */
  readonly check: readonly string[];
  /** The command that reloads the daemon with a release. Empty where the agent's module for the daemon reloads it. */
  readonly reload: readonly string[];
  /** Where the agent's module finds the daemon's sockets, ports and files, by names that the two agree on. */
  readonly settings: Readonly<Record<string, string>>;
  /** Files of the release that the daemon reads only when it starts; a change of one restarts the daemon. */
  readonly restartOn: readonly ReleasePath[];
  /** A digest of further settings that the daemon reads only when it starts. */
  readonly startSettings?: string;
  /** The daemon may write to the directory `{state}/data/<name>`, which is kept over releases and restarts. */
  readonly keepsData: boolean;
  /** Every UDP and TCP socket on which the daemon listens. */
  readonly listeners: readonly ManifestListener[];
}

/** An address and port on which a service listens. */
export interface ManifestListener {
  /** In canonical form; `0.0.0.0` or `::` for all. */
  readonly address: string;
  /**
   * @asType integer
   * @minimum 1
   * @maximum 65535
   */
  readonly port: number;
  readonly transport: "udp" | "tcp";
  /** The daemon can bind an address that the node does not have (`IP_FREEBIND`, `IP_TRANSPARENT`). */
  readonly foreign: boolean;
  /** Other sockets of the same user may bind the port, too (`SO_REUSEPORT`). */
  readonly shared: boolean;
  /** The socket accepts IPv6 only (`IPV6_V6ONLY`); false for IPv4. */
  readonly v6only: boolean;
  /** The number of sockets on this address and port; only the node knows its number of processors. */
  readonly sockets: SocketCount | "one-per-processor";
}

/**
 * A number of sockets.
 * @asType integer
 * @minimum 1
 */
export type SocketCount = number;

/**
 * A path inside a release: relative, without `..`.
 * @pattern ^(?!/)(?!([^\x00-\x1f\x7f]{0,}/)?\.{0,2}(/|$))[^\x00-\x1f\x7f]+$
 */
export type ReleasePath = string;

/** A file that the agent writes into a release. */
export type ComposedFile = ServiceFile | ReleaseMetric;

/** A file for a service that holds a secret in the service's own syntax. */
export interface ServiceFile {
  readonly kind: "service";
  readonly service: DaemonName;
  readonly path: ReleasePath;
  /** The secret file whose content it holds. */
  readonly secret: ReleasePath;
  /** Further values that the agent's module for the service writes into it. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A metric in Prometheus' text format that names the release, whose id is a hash of its other files. */
export interface ReleaseMetric {
  readonly kind: "release-metric";
  readonly path: ReleasePath;
  /**
   * The value of a metric for each service that tells whether it is to be restarted: `{service}` stands for its name. With
   * it, the file is a log format of HAProxy; without it, as in releases of earlier versions, it has no such metric.
   */
  readonly restartDue?: string;
  /**
   * What shows a value that changes while the release is live, as when a certificate is renewed: `{key}` stands for its
   * name, `{value}` for what it is when the release becomes live. Only beside `restartDue`; without it, values stay.
   */
  readonly live?: string;
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
  /** The name whose A records are queried. */
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
  readonly fallback?: ManifestFallback;
}

/** The pool that serves while fewer servers than `below` are up. */
export interface ManifestFallback {
  readonly pool: string;
  /**
   * @asType integer
   * @minimum 1
   */
  readonly below: number;
}

/** A downstream server, with its names in the services of the node. */
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
   * The server's names by service and, where the service lists the server several times, by place: a backend of
   * HAProxy, a transport of dnsdist.
   */
  readonly names: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How addresses are assigned to a node. */
export type ManifestMobility = FixedAddresses | VrrpAddresses | BgpAddresses;

/** The node has only its own addresses. */
export interface FixedAddresses {
  readonly kind: "fixed";
}

/** Virtual addresses that VRRP moves between the nodes of a pair. */
export interface VrrpAddresses {
  readonly kind: "vrrp";
  /** The service that speaks VRRP. */
  readonly service: DaemonName;
  readonly virtualAddresses: readonly ManifestVirtualAddress[];
}

/** A virtual address of a node. */
export interface ManifestVirtualAddress {
  /** In canonical form. */
  readonly address: string;
  readonly interface: string;
  /** The address is also on the node's loopback interface at all times. */
  readonly onLoopback: boolean;
}

/** Service addresses that all nodes of a group announce to the routers before them by BGP. */
export interface BgpAddresses {
  readonly kind: "bgp";
  /** The service that speaks BGP. The announcer is its parent: it starts the service's command, and ends with it. */
  readonly service: DaemonName;
  /** On the node's loopback interface at all times, in canonical form. */
  readonly addresses: readonly string[];
  readonly sessions: readonly BgpSession[];
  /** The other nodes of the group. */
  readonly peers: readonly AnnouncerPeer[];
  /** Where the nodes of the group ask each other what they serve: by UDP, at an address of this node. */
  readonly words: AnnouncerSocket;
  readonly announcement: AnnouncementRules;
  /**
   * Present if the node installs the default routes that its routers announce. The kernel prefers those of other origin that
   * have a lower metric, and no announcement would be heeded: the agent gives them a higher one ("move-back"), or refuses the
   * release where they are not the node's to change ("refuse").
   */
  readonly otherDefaultRoutes?: "move-back" | "refuse";
}

/** A BGP session of a node with a router. */
export interface BgpSession {
  /** Its name in the service. */
  readonly name: DaemonName;
  /** The router's address, in canonical form. */
  readonly neighbor: string;
  /**
   * The autonomous system of the router.
   * @asType integer
   * @minimum 1
   * @maximum 4294967295
   */
  readonly asn: number;
  /** The session ends when BFD says that the router is gone. */
  readonly bfd: boolean;
  /** The families of the addresses that it announces. */
  readonly families: readonly ("ipv4" | "ipv6")[];
}

/** Another node of a group. */
export interface AnnouncerPeer {
  readonly name: string;
  /** Its own address, in canonical form, at which it answers, and from which it asks. */
  readonly address: string;
}

/** A UDP socket of the announcer. */
export interface AnnouncerSocket {
  /** In canonical form. */
  readonly address: string;
  /**
   * The same on all nodes of a group.
   * @asType integer
   * @minimum 1
   * @maximum 65535
   */
  readonly port: number;
}

/** How a node decides what it announces. Times are in milliseconds. */
export interface AnnouncementRules {
  /** What the failure of each check of the watch means. */
  readonly checks: readonly AnnouncedCheck[];
  /**
   * What it costs that nobody makes the checks.
   * @asType integer
   * @minimum 1
   */
  readonly staleCost: number;
  /**
   * So long after its last heartbeat, the watch counts as dead.
   * @asType integer
   * @minimum 1
   */
  readonly staleAfter: number;
  /**
   * How long a node must be well before it is announced at its best again.
   * @asType integer
   * @minimum 1
   */
  readonly hold: number;
  /**
   * After so many moves within `damping`, the node stays at its worst for as long.
   * @asType integer
   * @minimum 1
   */
  readonly moves: number;
  /**
   * @asType integer
   * @minimum 1
   */
  readonly damping: number;
  /**
   * How long a drained node asks routers to leave it before it withdraws; longer than two words of nodes live.
   * @asType integer
   * @minimum 1
   */
  readonly grace: number;
}

/** What the failure of a check does to the announcement. */
export interface AnnouncedCheck {
  readonly name: CheckName;
  /**
   * The worst of all failures counts; they do not add up.
   * @asType integer
   * @minimum 1
   */
  readonly cost: number;
  /**
   * `prepend`: the path becomes longer, the node is a last resort. `withdraw`: nothing is announced while a better node is
   * known to announce.
   */
  readonly whenFailing: "prepend" | "withdraw";
}

/**
 * The health checks that the agent runs periodically. In the directory of its results, the agent writes 0 to
 * `check-<name>` or, while the check fails, 1; and as a heartbeat the time to `watch`.
 */
export interface Watch {
  /**
   * From one check to the next, in milliseconds.
   * @asType integer
   * @minimum 1
   */
  readonly interval: number;
  /**
   * The longest time to wait for an answer, in milliseconds.
   * @asType integer
   * @minimum 1
   */
  readonly timeout: number;
  /**
   * Failures in a row after which a check fails.
   * @asType integer
   * @minimum 1
   */
  readonly fall: number;
  /**
   * Successes in a row after which a failed check passes again; as few as `fall` where there is no earlier result.
   * @asType integer
   * @minimum 1
   */
  readonly rise: number;
  readonly checks: readonly WatchCheck[];
  /**
   * Where the results are. Releases of earlier versions do not say so: there they are in `{run}` itself, and the user is
   * that of the daemons.
   */
  readonly results?: WatchResults;
  /** The scripts that judge servers; absent if there is none. */
  readonly scripts?: readonly WatchScript[];
}

/**
 * A script that judges the servers of a pool, run for each of them with its address, its port, its name and that of the pool.
 * The watch writes the verdicts to the file `verdicts` of its results.
 */
export interface WatchScript {
  /** The name of the pool. */
  readonly pool: string;
  readonly path: ReleasePath;
  /**
   * From one run for a server to the next, in milliseconds.
   * @asType integer
   * @minimum 1
   */
  readonly interval: number;
  /**
   * The longest time of a run, in milliseconds.
   * @asType integer
   * @minimum 1
   */
  readonly timeout: number;
  /**
   * Failures in a row after which a server is down.
   * @asType integer
   * @minimum 1
   */
  readonly fall: number;
  /**
   * Successes in a row after which it is up again.
   * @asType integer
   * @minimum 1
   */
  readonly rise: number;
}

/** Where the watch writes, and nobody else. */
export interface WatchResults {
  /** The name of a directory in `{run}`. */
  readonly folder: CheckName;
  /** The user of the watch. */
  readonly user: string;
}

/** A periodic health check. */
export type WatchCheck = DaemonWatch | PoolWatch;

/**
 * The name of a check.
 * @pattern ^[A-Za-z0-9_-]+$
 */
export type CheckName = string;

/** Passes while a daemon of the node answers. */
export interface DaemonWatch {
  readonly kind: "daemon";
  readonly name: CheckName;
  readonly check: ReadyCheck;
}

/**
 * Fails while a pool has no live server on this node and, if it is compared, has one on a peer and clients gain by that:
 * more pools must live on the peer than here.
 */
export interface PoolWatch {
  readonly kind: "pool";
  readonly name: CheckName;
  /** Passes while the pool has a live server; asked on this node and, at its own address, on each peer. */
  readonly alive: DnsCheck;
  /** The other nodes' own addresses; none if the watch does not compare. */
  readonly peers: readonly string[];
  /** False: the watch judges this node alone, and the announcer compares it with the others. Absent: it compares. */
  readonly compared?: false;
  /**
   * The query that is sent through a peer to verify that its servers answer: a DNS message in hexadecimal, whose first
   * two octets (the id) the agent replaces.
   * @pattern ^([0-9a-f]{2}){12,}$
   */
  readonly proof: string;
  /**
   * How long, in milliseconds, peers must report a live server before the check fails, unless a query through a peer
   * has verified it and the pool was not down on all nodes before.
   * @asType integer
   * @minimum 0
   */
  readonly patience: number;
  /**
   * The longest time, in milliseconds, until a node notices that all servers of the pool are dead. While the pool lives
   * here and no query through a peer verifies that it lives there, another pool must fail for that long.
   * @asType integer
   * @minimum 0
   */
  readonly detection?: number;
}
