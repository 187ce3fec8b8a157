import type { Duration } from "../core/duration.js";
import type { Size } from "../core/size.js";
import type { DnsRecord } from "./dns-record.js";
import type { NodeDescription } from "./node.js";
import type { Pool } from "./pool.js";

/** A resolver: unbound on a node of its own. */
export interface DeployedUnboundServer {
  readonly kind: "unbound";
  readonly name: string;
  readonly node: NodeDescription;
  readonly port: number;
  /** Whether queries on this port carry the client's address in a PROXY header; if so, all must. */
  readonly clientAddress: Pool["clientAddress"];
  /** Only clients in these networks are served. */
  readonly allowFrom: readonly string[];
  /** The forwarders of the root zone; empty for recursion. */
  readonly forwardTo: readonly Forwarder[];
  /** Zones with forwarders of their own. */
  readonly forwardZones: readonly ForwardZone[];
  readonly localZones: readonly LocalZone[];
  /** Local records; their names are fully qualified, with or without the final dot. */
  readonly localData: readonly DnsRecord[];
  readonly dnssecValidation: boolean;
  /** Zones excluded from DNSSEC validation. Fully qualified. */
  readonly insecureZones: readonly string[];
  readonly qnameMinimisation: boolean;
  readonly threads: number;
  /** The size of the message cache and the RRset cache together. */
  readonly cacheSize: Size;
}

/** A server to which a resolver forwards queries. */
export interface Forwarder {
  readonly address: string;
  readonly port: number;
  /** DNS over TLS (RFC 7858): the node's trust store must verify the server's certificate for this name. */
  readonly tls?: { readonly name: string };
}

/** A zone, with everything below it, whose queries go to certain resolvers or authoritative servers. */
export interface ForwardZone {
  /** Fully qualified. */
  readonly name: string;
  readonly forwardTo: readonly Forwarder[];
}

/** The TTL of local records without one of their own. */
export const LOCAL_TTL: Duration = "5m";

/** The types of local zones: how a resolver answers for names without local data. */
export const LOCAL_ZONE_TYPES = ["static", "transparent", "redirect", "refuse", "deny", "always_nxdomain"] as const;
/** The type of a local zone. */
export type LocalZoneType = (typeof LOCAL_ZONE_TYPES)[number];

/** A zone for which a resolver answers from local data. */
export interface LocalZone {
  /** Fully qualified. */
  readonly name: string;
  readonly type: LocalZoneType;
}
