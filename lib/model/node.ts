/** A machine or container that runs the daemons of a load balancer. */
export interface NodeDescription {
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

/** The addresses of a node on all its interfaces. */
export function ownAddressesOf({ addresses, interfaces = [] }: NodeDescription): readonly string[] {
  return [...new Set([...addresses, ...interfaces.flatMap((each) => each.addresses)])];
}
