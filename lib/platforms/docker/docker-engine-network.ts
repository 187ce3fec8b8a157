import type { ContainerConfig, ContainerNetworksAdvanced } from "@cdktf/provider-docker/lib/container/index.js";
import { Network, type NetworkConfig } from "@cdktf/provider-docker/lib/network/index.js";
import type { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { familyOf } from "../../core/ip.js";
import { type AttachedNetwork, type DockerNetwork, gatewaysOf } from "./docker-network.js";

/** The interface that Docker gives a container with one network. */
export const FIRST_INTERFACE = "eth0";

/** An interface of a node, and the network behind it. */
export interface AttachedInterface {
  readonly name: string;
  readonly network: DockerNetwork;
  readonly addresses: readonly string[];
}

/** What a node brings into its networks. */
export interface NetworkMember {
  readonly provider: DockerProvider;
  /** Names networks that have no name yet. */
  readonly name: string;
  /** The one with the node's own addresses first. */
  readonly interfaces: readonly [AttachedInterface, ...AttachedInterface[]];
}

/** Makes networks, unless another node of the stack has made their equals on the same engine, and joins them. */
export function joinNetworks(
  scope: Construct,
  { provider, name, interfaces }: NetworkMember,
): Pick<ContainerConfig, "command" | "networkMode" | "networksAdvanced" | "sysctls"> {
  if (interfaces[0].network.kind === "host") return { networkMode: "host" };
  const words = interfaceWords(interfaces);
  return {
    ...(words.length === 0 ? {} : { command: words }),
    networksAdvanced: interfaces.flatMap(({ name: device, network, addresses }, index) => {
      if (network.kind === "host") return [];
      const [id, fallback] = index === 0 ? ["Network", name] : [`Network-${device}`, `${name}-${device}`];
      return [attachment(networkName(scope, id, network, provider, fallback), addresses)];
    }),
    sysctls: {
      // The nodes have the virtual addresses on lo, too, of which neighbours must not hear.
      "net.ipv4.conf.all.arp_announce": "2",
      "net.ipv4.conf.all.arp_ignore": "1",
      "net.ipv4.ip_nonlocal_bind": "1",
      "net.ipv4.ip_unprivileged_port_start": "0",
      ...(interfaces.some(({ addresses }) => familyAddress(addresses, "ipv6") !== undefined)
        ? { "net.ipv6.ip_nonlocal_bind": "1" }
        : {}),
    },
  };
}

/**
 * What the image is told of the interfaces, where Docker does not name them rightly by itself: it attaches several
 * networks in no order, and lets the name of a network decide on the default route.
 */
function interfaceWords(interfaces: NetworkMember["interfaces"]): string[] {
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

function networkName(
  scope: Construct,
  id: string,
  network: AttachedNetwork,
  provider: DockerProvider,
  fallback: string,
): string {
  if (network.kind === "existing") return network.name;
  const known = EngineNetwork.find(scope, network, provider);
  return (known ?? new EngineNetwork(scope, id, network, provider, fallback)).resource.name;
}

/** A network that Terraform makes. */
type MadeNetwork = Exclude<AttachedNetwork, { kind: "existing" }>;

class EngineNetwork extends Construct {
  /** The network of a stack that an equal description has made on an engine. */
  static find(scope: Construct, network: MadeNetwork, provider: DockerProvider): EngineNetwork | undefined {
    const wanted = JSON.stringify(network);
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
    this.description = JSON.stringify(network);
    this.resource = new Network(this, "Resource", { provider, name: network.name ?? name, ...networkConfig(network) });
  }
}

function networkConfig(network: MadeNetwork): Omit<NetworkConfig, "name"> {
  const { subnet, gateway, subnet6 } = network;
  const gateway6 = network.kind === "macvlan" ? network.gateway6 : undefined;
  return {
    driver: network.kind,
    ...(network.kind === "macvlan" ? { options: { parent: network.parent } } : {}),
    ...(subnet6 === undefined ? {} : { ipv6: true }),
    ipamConfig: [
      { subnet, ...(gateway === undefined ? {} : { gateway }) },
      ...(subnet6 === undefined ? [] : [{ subnet: subnet6, ...(gateway6 === undefined ? {} : { gateway: gateway6 }) }]),
    ],
  };
}
