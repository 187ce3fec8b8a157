import type { Construct } from "constructs";
import { type Duration, isDuration, toMilliseconds } from "../core/duration.js";
import { checkName } from "../dns/construct-name.js";
import { LOAD_BALANCER, type LoadBalancerBinding } from "../dns/load-balancer.js";
import { ownAddressesOf } from "../model/node.js";
import type { VirtualAddress } from "../model/virtual-address.js";
import { gatewayAddress, virtualAddress } from "../terraform/address-fields.js";
import { boolean, duration, integer, interfaceName } from "../terraform/fields.js";
import type { INode } from "../terraform/node.js";
import { checkNode, NODE } from "../terraform/node-field.js";
import { checkSomeInService } from "../terraform/out-of-service.js";
import { parseProps, type Report } from "../terraform/parse.js";
import { type Field, type Filled, listOf, object, optional, withDefault } from "../terraform/schema.js";
import { checkAdvertisements, defaultTtlSecurity } from "./advertisements.js";
import { type HaPairExtraOptions, PAIR_EXTRA } from "./extra.js";
import { LoadBalancerBase, LoadBalancerBuilder } from "./load-balancer-base.js";
import { LOAD_BALANCER_OPTIONS, type LoadBalancerOptions } from "./load-balancer-options.js";
import { checkStatistics } from "./statistics.js";
import { checkVirtualAddresses } from "./virtual-addresses.js";

/** A virtual address, which moves between the nodes of a pair. */
export interface VirtualAddressOptions {
  /** The address. For an IPv6 one, each node must have an IPv6 address. */
  readonly address: string;
  /**
   * The interface that carries the address, by its name on the nodes. Further interfaces of a `DockerNode` are given in
   * its `interfaces`.
   * @default - the interface of the first node's own address
   */
  readonly interface?: string;
  /**
   * The router for answers from this address.
   * @default - the routes of the node
   */
  readonly gateway?: string;
}

/** Properties of an `HaPair`. */
export interface HaPairProps extends LoadBalancerOptions {
  /**
   * The two nodes. A change is applied to the second node after it succeeded on the first; at most one of them may be
   * out of service.
   */
  readonly nodes: readonly [INode, INode];
  /** The addresses that clients query, which move together; at least one. */
  readonly virtualAddresses: readonly VirtualAddressOptions[];
  /**
   * The virtual router id, unique among the pairs on a network. Between 1 and 255.
   * @see https://www.rfc-editor.org/rfc/rfc9568#section-5.2.3
   */
  readonly virtualRouterId: number;
  /**
   * The interval of VRRP adverts; the backup takes over after three missed ones. Between "10ms" and "40s", in steps of
   * 10 ms.
   * @default "200ms"
   */
  readonly advertisementInterval?: Duration;
  /**
   * The interface that carries the adverts, by its name on the nodes, such as one in a network that no other host is in.
   * Each node must have an address there of every family of the virtual addresses. The interfaces of the virtual addresses
   * are then tracked: a node on which one of them fails gives way. An interface that carries nothing but adverts is not:
   * while the nodes do not hear each other, both lead, also during a change of this property.
   * @default - on each node the interface of its own addresses
   */
  readonly advertisementInterface?: string;
  /**
   * Refuses adverts that arrive with a TTL or hop limit below 255: they passed a router (the generalized TTL security
   * mechanism). Adverts leave with 255 in any case. Set it to false where a router stands between the nodes: nodes in
   * subnets that are known to differ are refused otherwise. A pair
   * with IPv6 virtual addresses alone may set it to true once both nodes run a release that knows it.
   * @default - true where both nodes are in one subnet and a virtual address is IPv4, else false
   * @see https://www.rfc-editor.org/rfc/rfc5082
   */
  readonly ttlSecurity?: boolean;
  /**
   * The node that is master whenever it is as healthy as the other. Costs a second move of the addresses (failback)
   * when the node recovers.
   * @default - no preferred node and no failback
   */
  readonly preferredNode?: INode;
  /**
   * Settings of the daemons that no property says, the last resort: the daemons check them, on every node, and nothing that
   * the library promises is measured with them. What contradicts the library is refused.
   * @default - nothing
   */
  readonly extra?: HaPairExtraOptions;
}

/** Runs a DNS load balancer on two nodes that share virtual addresses by VRRPv3. */
export class HaPair extends LoadBalancerBase {
  readonly [LOAD_BALANCER]: LoadBalancerBinding;

  constructor(scope: Construct, id: string, props: HaPairProps) {
    super(scope, id, "HaPair");
    const {
      nodes,
      virtualAddresses,
      virtualRouterId,
      advertisementInterval,
      advertisementInterface,
      ttlSecurity = defaultTtlSecurity({ nodes, virtualAddresses, advertisementInterface }),
      preferredNode,
      ...options
    } = parseProps(
      this,
      {
        ...INPUT,
        check: (value, report) => {
          checkName(this, report);
          check(this, value, report);
        },
      },
      props,
    );
    const carrier = nodes[0].description.interface;
    const models = virtualAddresses.map((each): VirtualAddress => ({ interface: carrier, ...each }));
    this[LOAD_BALANCER] = new LoadBalancerBuilder(this, {
      nodes,
      defaultAddresses: models.map((each) => each.address),
      model: {
        virtualAddresses: models,
        mobility: {
          kind: "vrrp",
          virtualRouterId,
          advertisementInterval,
          ...(advertisementInterface === undefined ? {} : { interface: advertisementInterface }),
          ttlSecurity,
          ...(preferredNode === undefined ? {} : { preferredNode: preferredNode.description.name }),
        },
        ...options,
      },
    });
  }
}

/** The number of nodes is checked later, so that all problems are reported together. */
const twoNodes = listOf(NODE) as unknown as Field<HaPairProps["nodes"]>;

const SCHEMA = object<HaPairProps>()({
  nodes: twoNodes,
  virtualAddresses: listOf(
    object<VirtualAddressOptions>()({
      address: virtualAddress,
      interface: optional(interfaceName),
      gateway: optional(gatewayAddress),
    }),
  ),
  virtualRouterId: integer(1, 255),
  advertisementInterval: withDefault(duration("10ms", "40s"), "200ms"),
  advertisementInterface: optional(interfaceName),
  ttlSecurity: optional(boolean),
  preferredNode: optional(NODE),
  ...LOAD_BALANCER_OPTIONS,
  extra: optional(PAIR_EXTRA),
});

const INPUT = {
  name: "HaPair",
  schema: SCHEMA,
  whyNot: {
    authentication:
      "VRRPv3 has no authentication (RFC 9568 dropped it, since it protected nothing); peers are unicast and checked by address, so keep hosts that could forge that address out of the network of the nodes",
  },
};

function check(scope: Construct, props: Filled<typeof SCHEMA>, report: Report): void {
  checkPair(props, report);
  checkVirtualAddresses(props, report);
  checkStatistics(scope, props, report);
  checkAdvertisements(props, report);
  const { advertisementInterval } = props;
  if (isDuration(advertisementInterval) && toMilliseconds(advertisementInterval) % 10 !== 0) {
    report(
      "DNSLB107",
      ["advertisementInterval"],
      `must be a multiple of 10 ms, the unit of VRRPv3, got "${advertisementInterval}"`,
    );
  }
}

function checkPair({ nodes, preferredNode }: Filled<typeof SCHEMA>, report: Report): void {
  const count: number = nodes.length;
  if (count !== 2) {
    report(
      "DNSLB121",
      ["nodes"],
      `must be two nodes, got ${count}${count === 1 ? "; a StandaloneLoadBalancer takes one" : ""}`,
    );
  }
  checkSomeInService(nodes, ["nodes"], report);
  for (const [index, node] of nodes.entries()) {
    checkNode(node, ["nodes", index], report);
    const { name } = node.description;
    for (const [before, other] of nodes.slice(0, index).entries()) {
      if (other === node) {
        report("DNSLB112", ["nodes", index], `must be another node than nodes[${before}], got ${node.node.path} again`);
        continue;
      }
      if (other.description.name === name) {
        report(
          "DNSLB112",
          ["nodes", index],
          `must have a name of its own, got "${name}", the name of ${other.node.path}; give one of them another name`,
        );
      }
      const others = ownAddressesOf(other.description);
      for (const address of ownAddressesOf(node.description).filter((own) => others.includes(own))) {
        report(
          "DNSLB112",
          ["nodes", index],
          `must have addresses of its own, got ${address}, an address of ${other.node.path}`,
        );
      }
    }
  }
  if (preferredNode !== undefined && !nodes.includes(preferredNode)) {
    report("DNSLB116", ["preferredNode"], `must be one of 'nodes', got ${preferredNode.node.path}`);
  }
}
