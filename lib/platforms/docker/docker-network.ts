import { placeMistake } from "../../core/address-kind.js";
import {
  canonicalAddress,
  canonicalCidr,
  cidrContains,
  type Family,
  familyOf,
  firstAddress,
  networkOf,
} from "../../core/ip.js";
import { gatewayAddress, subnet } from "../../terraform/address-fields.js";
import { factoryMade } from "../../terraform/brand.js";
import { boolean, interfaceName, plainName } from "../../terraform/fields.js";
import { input, parseOptions, type Report } from "../../terraform/parse.js";
import { field, object, optional, withDefault } from "../../terraform/schema.js";

/** The Docker network of a node. Nodes of one stack and engine with equal networks share it. */
export type DockerNetwork = AttachedNetwork | (HostNetworkOptions & { readonly kind: "host" });

/** A network that Docker attaches a container to. */
export type AttachedNetwork =
  | (BridgeNetworkOptions & { readonly kind: "bridge" })
  | (MacvlanNetworkOptions & { readonly kind: "macvlan" })
  | (ExistingNetworkOptions & { readonly kind: "existing" });

/** Options for `DockerNetwork.bridge()`. */
export interface BridgeNetworkOptions {
  /** The IPv4 network of the bridge. */
  readonly subnet: string;
  /**
   * The IPv6 network of the bridge.
   * @default - no IPv6
   */
  readonly subnet6?: string;
  /**
   * The address of the host in the IPv4 network.
   * @default - the first address
   */
  readonly gateway?: string;
  /**
   * The address of the host in the IPv6 network.
   * @default - the first address
   */
  readonly gateway6?: string;
  /**
   * The name of the network in Docker.
   * @default - "dns-lb-" and the name of its first node; for a further interface, followed by the interface's name
   */
  readonly name?: string;
}

/** Options for `DockerNetwork.macvlan()`. */
export interface MacvlanNetworkOptions {
  /** The host's interface on the network that the node joins. */
  readonly parent: string;
  /** The IPv4 network on that interface. */
  readonly subnet: string;
  /**
   * The router of the IPv4 network.
   * @default - the first address
   */
  readonly gateway?: string;
  /**
   * The IPv6 network on that interface.
   * @default - no IPv6
   */
  readonly subnet6?: string;
  /**
   * The router of the IPv6 network.
   * @default - the first address
   */
  readonly gateway6?: string;
  /**
   * The name of the network in Docker.
   * @default - "dns-lb-" and the name of its first node; for a further interface, followed by the interface's name
   */
  readonly name?: string;
}

/** Options for `DockerNetwork.existing()`. */
export interface ExistingNetworkOptions {
  /** The name of the network in Docker. */
  readonly name: string;
  /** The IPv4 subnet of the network. */
  readonly subnet: string;
  /**
   * The router of the IPv4 network, for nodes with several interfaces.
   * @default - Docker's choice, the first address
   */
  readonly gateway?: string;
  /**
   * The IPv6 subnet of the network.
   * @default - no IPv6
   */
  readonly subnet6?: string;
  /**
   * The router of the IPv6 network, for nodes with several interfaces.
   * @default - Docker's choice, the first address
   */
  readonly gateway6?: string;
}

/** Options for `DockerNetwork.host()`. */
export interface HostNetworkOptions {
  /**
   * Keeps the virtual addresses on the host's `lo` at all times, as nodes in other networks do, so that the node still
   * answers packets that reach it after a failover. The host needs the sysctls `net.ipv4.conf.all.arp_ignore=1` and
   * `net.ipv4.conf.all.arp_announce=2`, so that it does not announce these addresses by ARP; otherwise the agent
   * refuses the configuration.
   * @default false
   * @see https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html
   */
  readonly keepsAddresses?: boolean;
}

/** Makes Docker networks for nodes. */
export const DockerNetwork = {
  /** A bridge network inside one engine, for a single node or tests. Other hosts cannot reach it. */
  bridge(options: BridgeNetworkOptions): DockerNetwork {
    return factoryMade("DockerNetwork", { kind: "bridge", ...parseOptions(BRIDGE, options) });
  },

  /**
   * A network of the host, in which the node has an address of its own. The host itself cannot reach the node.
   * @see https://docs.docker.com/engine/network/drivers/macvlan/
   */
  macvlan(options: MacvlanNetworkOptions): DockerNetwork {
    return factoryMade("DockerNetwork", { kind: "macvlan", ...parseOptions(MACVLAN, options) });
  },

  /**
   * A network that exists before the node: created by another stack of the app, on which the node's stack must depend,
   * or by an administrator. Nodes of different stacks on one engine share a network in this way; if each stack created
   * its own, the engine would refuse the second for its name or its subnet.
   */
  existing(options: ExistingNetworkOptions): DockerNetwork {
    return factoryMade("DockerNetwork", { kind: "existing", ...parseOptions(EXISTING, options) });
  },

  /**
   * The host's own network namespace, with the host's interfaces: the node uses port 53 of every address of the host.
   */
  host(options: HostNetworkOptions = {}): DockerNetwork {
    return factoryMade("DockerNetwork", { kind: "host", ...parseOptions(HOST, options) });
  },
} as const;

/** Why nodes on Docker have IPv4: engines learnt of networks without it late, and the provider has not (moby/moby#48271). */
export const IPV4_NEEDED =
  "networks without IPv4 need Docker Engine 28.0 or later, and Terraform's Docker provider cannot make them yet, so give an IPv4 one beside IPv6";

const BRIDGE = input({
  name: "DockerNetwork.bridge()",
  schema: object<BridgeNetworkOptions>()({
    subnet: subnet(`an IPv4 network; ${IPV4_NEEDED}`),
    subnet6: optional(subnet()),
    gateway: optional(gatewayAddress),
    gateway6: optional(gatewayAddress),
    name: optional(plainName),
  }),
  check: checkSubnets,
});

const MACVLAN = input({
  name: "DockerNetwork.macvlan()",
  schema: object<MacvlanNetworkOptions>()({
    parent: interfaceName,
    subnet: subnet(`an IPv4 network; ${IPV4_NEEDED}`),
    gateway: optional(gatewayAddress),
    subnet6: optional(subnet()),
    gateway6: optional(gatewayAddress),
    name: optional(plainName),
  }),
  check: checkSubnets,
});

const HOST = input({
  name: "DockerNetwork.host()",
  schema: object<HostNetworkOptions>()({ keepsAddresses: withDefault(boolean, false) }),
});

const EXISTING = input({
  name: "DockerNetwork.existing()",
  schema: object<ExistingNetworkOptions>()({
    name: field<string>({
      code: "DNSLB109",
      type: "string",
      allowed: "the name of a Docker network: letters, digits, _ . - and the first a letter or digit",
      accepts: (value) => typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(value),
    }),
    subnet: subnet(`an IPv4 network; ${IPV4_NEEDED}`),
    gateway: optional(gatewayAddress),
    subnet6: optional(subnet()),
    gateway6: optional(gatewayAddress),
  }),
  check: checkSubnets,
});

function checkSubnets(options: BridgeNetworkOptions, report: Report): void {
  const { subnet, subnet6, gateway, gateway6 } = options;
  checkFamily("subnet", subnet, "ipv4", report);
  checkFamily("subnet6", subnet6, "ipv6", report);
  checkGateway("gateway", gateway, subnet, report);
  checkGateway("gateway6", gateway6, subnet6, report);
  if (gateway === undefined) checkSize("subnet", subnet, report);
  if (gateway6 === undefined) checkSize("subnet6", subnet6, report);
}

function checkFamily(property: string, subnet: string | undefined, family: Family, report: Report): void {
  const given = familyOf(subnet?.split("/")[0] ?? "");
  if (given === undefined || given === family) return;
  const other = family === "ipv4" ? "subnet6" : "subnet";
  report(
    "DNSLB118",
    [property],
    `must be an ${family === "ipv4" ? "IPv4" : "IPv6"} network, got "${subnet}"; '${other}' takes it`,
  );
}

function checkGateway(property: string, gateway: string | undefined, subnet: string | undefined, report: Report): void {
  if (gateway === undefined || familyOf(gateway) === undefined) return;
  if (subnet !== undefined && (canonicalCidr(subnet) === undefined || cidrContains(subnet, gateway))) {
    const mistake = canonicalCidr(subnet) === undefined ? undefined : placeMistake(subnet, gateway, ["routers"]);
    if (mistake !== undefined) report("DNSLB142", [property], mistake);
    return;
  }
  report("DNSLB119", [property], `must be an address in the subnet ${subnet ?? "of its family"}, got "${gateway}"`);
}

/** A network without a given router must have room for one beside a node. */
function checkSize(property: string, subnet: string | undefined, report: Report): void {
  if (subnet === undefined || canonicalCidr(subnet) === undefined) return;
  const [address = "", bits] = subnet.split("/");
  const longest = familyOf(address) === "ipv4" ? 30 : 126;
  if (Number(bits) <= longest) return;
  report(
    "DNSLB138",
    [property],
    `must have a prefix length of at most ${longest}, got "${subnet}", which has no room for a router and a node`,
  );
}

/** The subnets of a network, IPv4 first. */
export function subnetsOf(network: DockerNetwork): readonly string[] {
  if (network.kind === "host") return [];
  return [network.subnet, ...(network.subnet6 === undefined ? [] : [network.subnet6])];
}

/** The routers of a network: as given, or the first address, which Docker would choose. */
export function gatewaysOf(network: AttachedNetwork): { readonly ipv4: string; readonly ipv6: string | undefined } {
  const { subnet, gateway = firstAddress(subnet), subnet6, gateway6 } = network;
  return { ipv4: gateway, ipv6: gateway6 ?? (subnet6 === undefined ? undefined : firstAddress(subnet6)) };
}

/** The addresses that are known to belong to the routers of a network. */
export function routersOf(network: DockerNetwork): readonly string[] {
  if (network.kind === "host") return [];
  const { gateway, gateway6 } = network;
  // What an existing network has, nobody here can know.
  const { ipv4, ipv6 } = network.kind === "existing" ? { ipv4: gateway, ipv6: gateway6 } : gatewaysOf(network);
  return [ipv4, ipv6].flatMap((each) => (each === undefined ? [] : [canonicalAddress(each)]));
}

/** The default bridge of a node: the /24 of its IPv4 address, the /64 of its IPv6 address. */
export function networkAround(address: string, address6?: string): BridgeNetworkOptions {
  const subnet = networkOf(address, 24);
  return address6 === undefined ? { subnet } : { subnet, subnet6: networkOf(address6, 64) };
}
