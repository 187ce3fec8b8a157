/** A machine or container that runs the daemons of a load balancer. */
export interface NodeDescription {
  readonly name: string;
  /** The node's own addresses: one, or one of each family. */
  readonly addresses: readonly string[];
  /** The interface that carries these addresses. */
  readonly interface: string;
  /** All interfaces of the node, that one first; absent where they are unknown at synthesis. */
  readonly interfaces?: readonly NodeInterface[];
  /** The node is off or away: the changes of other nodes neither wait for it nor fail with it. */
  readonly outOfService?: boolean;
}

/** An interface of a node. */
export interface NodeInterface {
  /** The interface's name on the node. */
  readonly name: string;
  /** At most one of each family. */
  readonly addresses: readonly string[];
}

/** The addresses of a node on all its interfaces. */
export function ownAddressesOf({ addresses, interfaces = [] }: NodeDescription): readonly string[] {
  return [...new Set([...addresses, ...interfaces.flatMap((each) => each.addresses)])];
}
