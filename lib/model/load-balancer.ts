import type { Duration } from "../core/duration.js";
import type { AddressMobility } from "./address-mobility.js";
import type { ConnectionLog } from "./connection-log.js";
import type { LoadBalancerExtra } from "./extra.js";
import { type Frontend, poolsBehind } from "./frontend.js";
import { type NodeDescription, ownAddressesOf } from "./node.js";
import type { Pool } from "./pool.js";
import type { Statistics } from "./statistics.js";
import type { VirtualAddress } from "./virtual-address.js";

/** A whole DNS load balancer: its nodes, what they serve, and the addresses that they share. */
export interface LoadBalancer {
  readonly name: string;
  readonly nodes: readonly NodeDescription[];
  readonly frontends: readonly Frontend[];
  /** Those of a pair. */
  readonly virtualAddresses: readonly VirtualAddress[];
  /** How the addresses that its nodes share are assigned to them. */
  readonly mobility: AddressMobility;
  readonly statistics?: Statistics;
  /** @default - connections are not logged */
  readonly connectionLog?: ConnectionLog;
  /**
   * The most UDP queries without an answer to one server.
   * @default DEFAULT_OUTSTANDING_QUERIES
   */
  readonly outstandingQueries?: number;
  /**
   * How long a process of HAProxy that a change has replaced keeps its connections.
   * @default DEFAULT_HARD_STOP
   */
  readonly hardStopAfter?: Duration;
  /**
   * How old a client's TCP connection may become, in whole seconds; only dnsdist can tell.
   * @default - as old as its client keeps it busy
   */
  readonly maximumConnectionAge?: Duration;
  /** Whether each node tells its name to clients that ask for it (RFC 4892). @default false */
  readonly identity?: boolean;
  /** Settings that no property says. @default - none */
  readonly extra?: LoadBalancerExtra;
}

/** A frontend whose path for TCP may still be open. */
export type PlannedFrontend = Omit<Frontend, "tcpPath"> & Partial<Pick<Frontend, "tcpPath">>;

/** A load balancer whose frontends may have no path for TCP yet. */
export interface LoadBalancerPlan extends Omit<LoadBalancer, "frontends"> {
  readonly frontends: readonly PlannedFrontend[];
}

/** How long a process of HAProxy that was replaced keeps its connections, unless something else is said. */
export const DEFAULT_HARD_STOP: Duration = "10m";
/** The most UDP queries without an answer to one server, unless something else is said. */
export const DEFAULT_OUTSTANDING_QUERIES = 10_000;
/** The fewest and the most of these queries that may be asked for; each needs an id of its own. */
export const OUTSTANDING_QUERIES_RANGE = { fewest: 100, most: 65_535 } as const;

/** The pools of a load balancer, those of routes and fallbacks included, each once, by name. */
export function poolsOf(loadBalancer: Pick<LoadBalancerPlan, "frontends">): readonly Pool[] {
  const pools = loadBalancer.frontends.flatMap(poolsBehind).map(({ pool }) => pool);
  return [...new Map(pools.map((pool) => [pool.name, pool])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The addresses that the nodes share: virtual ones, or those that all of them announce. */
export function sharedAddressesOf({
  virtualAddresses,
  mobility,
}: Pick<LoadBalancer, "virtualAddresses" | "mobility">): readonly string[] {
  return [...virtualAddresses.map(({ address }) => address), ...(mobility.kind === "bgp" ? mobility.addresses : [])];
}

/** Every address that a listener of this node may use: the node's own and those that it shares. */
export function servedAddressesOf(loadBalancer: LoadBalancer, node: NodeDescription): readonly string[] {
  return [...ownAddressesOf(node), ...sharedAddressesOf(loadBalancer)];
}
