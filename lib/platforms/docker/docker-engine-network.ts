import type { ContainerConfig, ContainerNetworksAdvanced } from "@cdktf/provider-docker/lib/container/index.js";
import { Network, type NetworkConfig } from "@cdktf/provider-docker/lib/network/index.js";
import type { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { familyOf } from "../../core/ip.js";
import { TCP_RETRIES } from "../../model/tcp-retries.js";
import { type AttachedNetwork, type DockerNetwork, gatewaysOf } from "./docker-network.js";

/** The name of the interface in a container with one network. */
export const FIRST_INTERFACE = "eth0";

/** An interface of a node, and the network behind it. */
export interface AttachedInterface {
  readonly name: string;
  readonly network: DockerNetwork;
  readonly addresses: readonly string[];
}

/** A node that joins networks. */
export interface NetworkMember {
  readonly provider: DockerProvider;
  /** The default name of networks that are created. */
  readonly name: string;
  /** The interface with the node's own addresses is the first. */
  readonly interfaces: readonly [AttachedInterface, ...AttachedInterface[]];
}

/** Attaches a node to its networks; creates those that no node of the stack has created on the same engine. */
export function joinNetworks(
  scope: Construct,
  { provider, name, interfaces }: NetworkMember,
): Pick<ContainerConfig, "command" | "networkMode" | "networksAdvanced" | "sysctls"> {
  if (interfaces[0].network.kind === "host") return { networkMode: "host" };
  const command = interfaceArguments(interfaces);
  return {
    ...(command.length === 0 ? {} : { command }),
    networksAdvanced: interfaces.flatMap(({ name: device, network, addresses }, index) => {
      if (network.kind === "host") return [];
      const [id, fallback] = index === 0 ? ["Network", name] : [`Network-${device}`, `${name}-${device}`];
      return [attachment(networkReference(scope, id, network, provider, fallback), addresses)];
    }),
    sysctls: {
      // The nodes have the virtual addresses on lo too, and must not answer or announce them by ARP from there.
      "net.ipv4.conf.all.arp_announce": "2",
      "net.ipv4.conf.all.arp_ignore": "1",
      "net.ipv4.ip_nonlocal_bind": "1",
      "net.ipv4.ip_unprivileged_port_start": "0",
      "net.ipv4.tcp_retries2": String(TCP_RETRIES),
      ...(interfaces.some(({ addresses }) => familyAddress(addresses, "ipv6") !== undefined)
        ? { "net.ipv6.ip_nonlocal_bind": "1" }
        : {}),
    },
  };
}

/**
 * The arguments that tell the image its interfaces, where Docker cannot: it attaches several networks in undefined
 * order, and chooses the default route by the names of the networks.
 */
function interfaceArguments(interfaces: NetworkMember["interfaces"]): string[] {
  const [{ name, network, addresses: own }, ...further] = interfaces;
  if (network.kind === "host" || (further.length === 0 && name === FIRST_INTERFACE)) return [];
  const gateways = Object.entries(gatewaysOf(network)).flatMap(([family, gateway]) =>
    gateway !== undefined && own.some((address) => familyOf(address) === family) ? [gateway] : [],
  );
  return [
    ...gateways.map((gateway) => `--gateway=${gateway}`),
    ...interfaces.map((each) => `${each.name}=${each.addresses[0]}`),
  ];
}

function attachment(name: string, addresses: readonly string[]): ContainerNetworksAdvanced {
  const ipv4Address = familyAddress(addresses, "ipv4");
  const ipv6Address = familyAddress(addresses, "ipv6");
  return {
    name,
    ...(ipv4Address === undefined ? {} : { ipv4Address }),
    ...(ipv6Address === undefined ? {} : { ipv6Address }),
  };
}

function familyAddress(addresses: readonly string[], family: "ipv4" | "ipv6"): string | undefined {
  return addresses.find((address) => familyOf(address) === family);
}

/** What a container names its network by: the id of one that is made here, so that both are replaced together. */
function networkReference(
  scope: Construct,
  id: string,
  network: AttachedNetwork,
  provider: DockerProvider,
  fallback: string,
): string {
  if (network.kind === "existing") return network.name;
  const known = EngineNetwork.find(scope, network, provider);
  return (known ?? new EngineNetwork(scope, id, network, provider, fallback)).resource.id;
}

/** A network that Terraform creates. */
export type MadeNetwork = Exclude<AttachedNetwork, { kind: "existing" }>;

class EngineNetwork extends Construct {
  /** Finds a network of the stack with the same description on the same engine. */
  static find(scope: Construct, network: MadeNetwork, provider: DockerProvider): EngineNetwork | undefined {
    const wanted = describe(network);
    return TerraformStack.of(scope)
      .node.findAll()
      .find(
        (other): other is EngineNetwork =>
          other instanceof EngineNetwork && other.provider === provider && other.description === wanted,
      );
  }

  readonly resource: Network;
  private readonly description: string;

  constructor(
    scope: Construct,
    id: string,
    network: MadeNetwork,
    private readonly provider: DockerProvider,
    name: string,
  ) {
    super(scope, id);
    this.description = describe(network);
    this.resource = new Network(this, "Resource", { provider, name: network.name ?? name, ...networkConfig(network) });
  }
}

function networkConfig(network: MadeNetwork): Omit<NetworkConfig, "name"> {
  const { ipv4: gateway, ipv6: gateway6 } = gatewaysOf(network);
  const { subnet, subnet6 } = network;
  return {
    driver: network.kind,
    ...(network.kind === "macvlan" ? { options: { parent: network.parent } } : {}),
    ...(subnet6 === undefined ? {} : { ipv6: true }),
    // Engines choose what is left out, some of them only at their next start: the network would have to be replaced then.
    ipamConfig: [
      { subnet, gateway },
      ...(subnet6 === undefined || gateway6 === undefined ? [] : [{ subnet: subnet6, gateway: gateway6 }]),
    ],
  };
}

/** Whether two networks that Terraform creates are one on an engine. */
export function isSameNetwork(one: MadeNetwork, other: MadeNetwork): boolean {
  return describe(one) === describe(other);
}

/** Equal for networks that are one on an engine. */
function describe(network: MadeNetwork): string {
  return JSON.stringify([network.name ?? null, networkConfig(network)]);
}
