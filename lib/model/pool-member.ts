/** One DNS server behind a pool. */
export interface PoolMember {
  /** Unique in its pool. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** 1 to 256; twice the weight, twice the share. */
  readonly weight: number;
  /** DNS over TLS to the server (RFC 7858): its certificate must be valid for this name in the system's trust store. */
  readonly tls?: { readonly name: string };
  /** What the app knows of a server that it deploys itself. */
  readonly deployed?: ClientPolicy;
}

/** How a server is set up that the app deploys itself. */
export interface ClientPolicy {
  readonly clientAddress: "hidden" | "proxy-protocol";
  /** Nobody outside of these networks is served; absent where everybody is. */
  readonly allowFrom?: readonly string[];
}
