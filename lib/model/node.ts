/** A machine or container that runs the daemons of a load balancer. */
export interface NodeDescription {
  readonly name: string;
  /** The node's own addresses: one, or one of each family. */
  readonly addresses: readonly string[];
  /** The interface that carries these addresses. */
  readonly interface: string;
  /** All interfaces of the node, that one first; absent where they are unknown at synthesis. */
  readonly interfaces?: readonly NodeInterface[];
  /** The bytes of memory that its daemons may use together; absent where they are unknown at synthesis. */
  readonly memory?: number;
  /** The processors that its daemons use; absent for all that it has. */
  readonly processors?: number;
  /** The TCP and TLS connections that it bears; absent where these follow from its memory. */
  readonly maxConnections?: number;
  /** The node is off or away: the changes of other nodes neither wait for it nor fail with it. */
  readonly outOfService?: boolean;
}

/** The TCP and TLS connections that a node bears about which nothing is known. */
export const DEFAULT_CONNECTIONS = 8_000;

/** The fewest and the most processors that may be asked for; HAProxy has no more threads. */
export const PROCESSORS_RANGE = { fewest: 1, most: 64 } as const;

/** An interface of a node. */
export interface NodeInterface {
  /** The interface's name on the node. */
  readonly name: string;
  /** At most one of each family. */
  readonly addresses: readonly string[];
  /** The subnets of these addresses; absent where they are unknown at synthesis. */
  readonly subnets?: readonly string[];
}

/** The addresses of a node on one of its interfaces; none where the node does not have it, or is not known to. */
export function addressesOn({ addresses, interface: own, interfaces = [] }: NodeDescription, name: string) {
  return name === own ? addresses : (interfaces.find((each) => each.name === name)?.addresses ?? []);
}

/** The addresses of a node on all its interfaces. */
export function ownAddressesOf({ addresses, interfaces = [] }: NodeDescription): readonly string[] {
  return [...new Set([...addresses, ...interfaces.flatMap((each) => each.addresses)])];
}
