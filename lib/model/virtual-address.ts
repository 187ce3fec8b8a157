/** An address that moves between the nodes of a pair. */
export interface VirtualAddress {
  readonly address: string;
  /** The interface that carries it, by its name on the node. */
  readonly interface: string;
  /** The router for answers from this address. */
  readonly gateway?: string;
}
