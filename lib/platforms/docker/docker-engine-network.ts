import type { ContainerConfig } from "@cdktf/provider-docker/lib/container/index.js";
import { Network, type NetworkConfig } from "@cdktf/provider-docker/lib/network/index.js";
import type { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { familyOf } from "../../core/ip.js";
import type { DockerNetwork } from "./docker-network.js";

/** What a node brings into a network. */
export interface NetworkMember {
  readonly provider: DockerProvider;
  /** Names a network that has no name yet. */
  readonly name: string;
  readonly addresses: readonly string[];
}

/** Makes a network, unless another node of the stack has made its equal on the same engine, and joins it. */
export function joinNetwork(
  scope: Construct,
  network: DockerNetwork,
  { provider, name, addresses }: NetworkMember,
): Pick<ContainerConfig, "networkMode" | "networksAdvanced" | "sysctls"> {
  if (network.kind === "host") return { networkMode: "host" };
  const known = EngineNetwork.find(scope, network, provider);
  const { resource } = known ?? new EngineNetwork(scope, "Network", network, provider, name);
  const [ipv4Address, ipv6Address] = (["ipv4", "ipv6"] as const).map((family) =>
    addresses.find((address) => familyOf(address) === family),
  );
  return {
    networksAdvanced: [
      {
        name: resource.name,
        ...(ipv4Address === undefined ? {} : { ipv4Address }),
        ...(ipv6Address === undefined ? {} : { ipv6Address }),
      },
    ],
    sysctls: {
      "net.ipv4.ip_nonlocal_bind": "1",
      "net.ipv4.ip_unprivileged_port_start": "0",
      ...(ipv6Address === undefined ? {} : { "net.ipv6.ip_nonlocal_bind": "1" }),
    },
  };
}

class EngineNetwork extends Construct {
  /** The network of a stack that an equal description has made on an engine. */
  static find(scope: Construct, network: DockerNetwork, provider: DockerProvider): EngineNetwork | undefined {
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
    network: Exclude<DockerNetwork, { kind: "host" }>,
    private readonly provider: DockerProvider,
    name: string,
  ) {
    super(scope, id);
    this.description = JSON.stringify(network);
    this.resource = new Network(this, "Resource", { provider, name: network.name ?? name, ...networkConfig(network) });
  }
}

function networkConfig(network: Exclude<DockerNetwork, { kind: "host" }>): Omit<NetworkConfig, "name"> {
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
