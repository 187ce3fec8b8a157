import type { AddressMobility } from "./address-mobility.js";
import type { Frontend } from "./frontend.js";
import { type Pool, withFallback } from "./pool.js";
import type { Statistics } from "./statistics.js";
import type { VirtualAddress } from "./virtual-address.js";

/** A whole DNS load balancer: its nodes, what they serve, and the virtual addresses that they share. */
export interface LoadBalancer {
  readonly name: string;
  readonly nodes: readonly LoadBalancerNode[];
  readonly frontends: readonly Frontend[];
  readonly virtualAddresses: readonly VirtualAddress[];
  /** What brings the virtual addresses to its nodes. */
  readonly mobility: AddressMobility;
  readonly statistics?: Statistics;
}

/** A machine or container that runs the daemons of a load balancer. */
export interface LoadBalancerNode {
  readonly name: string;
  /** Its own addresses: at most one of each family, at least one. */
  readonly addresses: readonly string[];
  /** The interface that carries its own addresses. */
  readonly interface: string;
  /** All its interfaces, that one first; absent where nobody knows them before it runs. */
  readonly interfaces?: readonly NodeInterface[];
}

/** An interface of a node. */
export interface NodeInterface {
  /** What the node calls it. */
  readonly name: string;
  /** At most one of each family. */
  readonly addresses: readonly string[];
}

/** The pools of a load balancer, fallbacks included, each once, by name. */
export function poolsOf(loadBalancer: LoadBalancer): readonly Pool[] {
  const pools = loadBalancer.frontends.flatMap(({ pool }) => withFallback(pool));
  return [...new Map(pools.map((pool) => [pool.name, pool])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every address that a listener of this node may use: its own and the virtual ones. */
export function addressesOf(loadBalancer: LoadBalancer, node: LoadBalancerNode): readonly string[] {
  return [...ownAddressesOf(node), ...loadBalancer.virtualAddresses.map(({ address }) => address)];
}

/** The addresses of a node on all its interfaces. */
export function ownAddressesOf({ addresses, interfaces = [] }: LoadBalancerNode): readonly string[] {
  return [...new Set([...addresses, ...interfaces.flatMap((each) => each.addresses)])];
}
