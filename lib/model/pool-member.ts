/** One DNS server behind a pool. */
export interface PoolMember {
  /** Unique in its pool. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** 1 to 256; twice the weight, twice the share. */
  readonly weight: number;
  /** DNS over TLS to the server (RFC 7858): the authorities of its pool must verify its certificate for this name. */
  readonly tls?: { readonly name: string };
  /** Set for a server that the app deploys itself. */
  readonly deployed?: ClientPolicy;
}

/** Which clients a server deployed by the app serves, and how it learns their address. */
export interface ClientPolicy {
  readonly clientAddress: "hidden" | "proxy-protocol";
  /** Only clients in these networks are served; absent: all clients. */
  readonly allowFrom?: readonly string[];
  /** The networks that may transfer its zones without a key. */
  readonly transfersTo?: readonly string[];
}
