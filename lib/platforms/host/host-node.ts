import type { Construct } from "constructs";
import { type Size, toBytes } from "../../core/size.js";
import { WATCH } from "../../model/daemon-name.js";
import type { NodeDescription } from "../../model/node.js";
import type { NodeSpec } from "../../model/node-spec.js";
import { type DaemonVersions, DEBIAN_12, DEBIAN_13, type PlatformProfile } from "../../model/platform-profile.js";
import { nodeAddress, subnet } from "../../terraform/address-fields.js";
import { boolean, interfaceName, plainName, size } from "../../terraform/fields.js";
import type { Report } from "../../terraform/parse.js";
import { type Filled, type Kept, listOf, object, optional, type Shape, withDefault } from "../../terraform/schema.js";
import { daemonVersions } from "../daemon-versions.js";
import { KNOBS, knobsOf } from "../knobs.js";
import { checkName, defaultName } from "../node-name.js";
import { addressesOf, checkInterfaces, interfacesOf } from "./host-interfaces.js";

/** Properties of every node on a host. */
export interface HostNodeProps {
  /**
   * The IPv4 address of the node.
   * @default - no IPv4; `address6` is required then
   */
  readonly address?: string;
  /**
   * The IPv6 address of the node.
   * @default - no IPv6
   */
  readonly address6?: string;
  /**
   * The IPv4 subnet of the node's interface.
   * @default - the /24 of `address`
   */
  readonly subnet?: string;
  /**
   * The IPv6 subnet of the node's interface.
   * @default - the /64 of `address6`
   */
  readonly subnet6?: string;
  /**
   * The interface of the host that carries the node's addresses.
   * @default "eth0"
   */
  readonly interface?: string;
  /**
   * Further interfaces of the host that carry virtual addresses or adverts.
   * @default - no further interfaces
   */
  readonly interfaces?: readonly HostInterface[];
  /**
   * The name of the node in daemons and metrics.
   * @default - the construct id, or, if that is "Node", the id of the parent construct or stack
   */
  readonly name?: string;
  /**
   * The versions of the daemons that the host's Debian has. A host with another Debian than that of `DEBIAN_12` or
   * `DEBIAN_13` is refused.
   * @default DEBIAN_13
   */
  readonly versions?: DaemonVersions;
  /**
   * Keeps the virtual addresses on the host's `lo` at all times, so that the node still answers packets that reach it after
   * a failover. For the whole host, `arp_ignore` is set to 1 and `arp_announce` to 2: false for hosts that rely on other
   * values.
   * @default true
   * @see https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html
   */
  readonly keepsAddresses?: boolean;
  /**
   * The memory that the node's daemons may use together, at least "128m", of what the host has. A load balancer whose servers,
   * caches and connections could need more than 70 % of it is refused, with the value to give, and so is a release by a host
   * that has less. Nothing keeps the daemons from using more.
   * @default - not planned for
   */
  readonly memory?: Size;
  /**
   * The processors that the node's daemons use, between 1 and 64: threads of HAProxy, and listeners of dnsdist on each UDP
   * address. Servers have `threads` or `serverCount` instead. A node that has fewer refuses its releases. A change restarts
   * dnsdist, while the other node has the addresses.
   * @default - all that the node may use when the daemons start
   * @see https://docs.haproxy.org/2.6/configuration.html#nbthread
   */
  readonly processors?: number;
  /**
   * The TCP and TLS connections of clients that the node bears at once, between 1,000 and 200,000, for all frontends of its
   * load balancer together. Of a pair, whose nodes take over from each other, the smaller number counts. More than 8,000 are
   * planned for with 48 KiB of `memory` each. A change restarts dnsdist, while the other node has the addresses.
   * @default - 8,000 for each GiB of `memory`, 24,000 at most, fewer where servers and caches leave less room, 8,000 at least;
   * 8,000 if `memory` is not given
   * @see https://docs.haproxy.org/2.6/configuration.html#3.2-maxconn
   */
  readonly maxConnections?: number;
}

/** A further interface of a host. */
export interface HostInterface {
  /** The name of the interface on the host, for the `interface` of virtual addresses. */
  readonly name: string;
  /**
   * The IPv4 address of the host on it.
   * @default - no IPv4; `address6` is required then
   */
  readonly address?: string;
  /**
   * The IPv6 address of the host on it. IPv6 virtual addresses on the interface need it.
   * @default - no IPv6
   */
  readonly address6?: string;
  /**
   * The IPv4 subnet of the interface.
   * @default - the /24 of `address`
   */
  readonly subnet?: string;
  /**
   * The IPv6 subnet of the interface.
   * @default - the /64 of `address6`
   */
  readonly subnet6?: string;
}

/** The schemas of these properties. */
export const HOST_SHAPE = {
  address: optional(nodeAddress("ipv4")),
  address6: optional(nodeAddress("ipv6")),
  subnet: optional(subnet()),
  subnet6: optional(subnet()),
  interface: withDefault(interfaceName, "eth0"),
  interfaces: withDefault(
    listOf(
      object<HostInterface>()({
        name: interfaceName,
        address: optional(nodeAddress("ipv4")),
        address6: optional(nodeAddress("ipv6")),
        subnet: optional(subnet()),
        subnet6: optional(subnet()),
      }),
    ),
    [],
  ),
  name: optional(plainName),
  versions: withDefault(daemonVersions, DEBIAN_13),
  keepsAddresses: withDefault(boolean, true),
  memory: optional(size("128m", "1024g")),
  ...KNOBS,
} satisfies Shape<HostNodeProps>;

const SCHEMA = object<HostNodeProps>()(HOST_SHAPE);

/** Reports errors of these properties that concern several of them. */
export function checkHost(scope: Construct, props: Filled<typeof SCHEMA>, report: Report): void {
  checkName(scope, props.name, report);
  checkInterfaces(props, report);
}

/** What a load balancer or a server is told of a node on a host. */
export interface HostFacts {
  readonly description: NodeDescription;
  readonly profile: PlatformProfile;
  readonly network: string;
}

/** The facts of a host. */
export function factsOf(scope: Construct, kept: Kept<typeof SCHEMA>): HostFacts {
  const { name = defaultName(scope), versions, keepsAddresses } = kept;
  const interfaces = interfacesOf(kept);
  return {
    description: {
      ...{ name, addresses: addressesOf(kept), interface: kept.interface, interfaces },
      ...(kept.memory === undefined ? {} : { memory: toBytes(kept.memory) }),
      ...knobsOf({ processors: kept.processors, maxConnections: kept.maxConnections }),
    },
    profile: { ...PROFILE, versions, keepsAddresses },
    network: interfaces[0].subnets?.[0] ?? "",
  };
}

const PROFILE: Omit<PlatformProfile, "versions" | "keepsAddresses"> = {
  name: "vm",
  paths: {
    state: "/var/lib/dns-lb",
    run: "/run/dns-lb",
    agent: "/usr/libexec/dns-lb",
    trustStore: "/etc/ssl/certs/ca-certificates.crt",
  },
  user: "dns-lb",
  watchUser: "dns-lb-watch",
  // The journal takes both, and what keepalived writes to one goes to syslog anyhow: it would be there twice.
  log: "syslog",
};

/** The releases of Debian whose daemons are known. */
const RELEASES: readonly (readonly [number, Required<DaemonVersions>])[] = [
  [12, DEBIAN_12],
  [13, DEBIAN_13],
];

/** The options of the program that makes a host a node. */
export function bootstrapOptions(
  { versions, keepsAddresses }: PlatformProfile,
  spec: NodeSpec | undefined,
): readonly string[] {
  // Versions that are written out may leave out that of BIRD.
  const isOf = (known: Required<DaemonVersions>) =>
    JSON.stringify({ ...versions, bird: versions.bird ?? known.bird }) === JSON.stringify(known);
  const release = RELEASES.find(([, known]) => isOf(known))?.[0];
  const daemons = (spec?.manifest.services ?? []).map(({ name }) => name).filter((name) => name !== WATCH);
  return [
    ...(release === undefined ? [] : ["--debian", `${release}`]),
    ...(keepsAddresses ? [] : ["--no-keep-addresses"]),
    "--daemons",
    `"${daemons.join(" ")}"`,
  ];
}

/** The options by which that program also brings the packages of the daemons up to date. */
export function upgradeOptions(spec: NodeSpec | undefined): readonly string[] {
  const mobility = spec?.manifest.mobility;
  // No other node serves meanwhile where none can.
  const isAlone = mobility?.kind === "fixed" || (mobility?.kind === "bgp" && mobility.peers.length === 0);
  return ["--upgrade", ...(isAlone ? ["--force"] : [])];
}
