/** An address that moves between the nodes of a pair. */
export interface VirtualAddress {
  readonly address: string;
  /** The interface that carries it, by its name on the node. */
  readonly interface: string;
  /** Answers from this address leave by this router. */
  readonly gateway?: string;
}
