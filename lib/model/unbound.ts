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
  /** Whether queries at that port carry the client's address by the PROXY protocol; if so, all must. */
  readonly clientAddress: Pool["clientAddress"];
  /** Nobody outside of these networks is served. */
  readonly allowFrom: readonly string[];
  /** Asks these instead of resolving by itself; empty for recursion. */
  readonly forwardTo: readonly Forwarder[];
  /** Zones that others than those are asked for. */
  readonly forwardZones: readonly ForwardZone[];
  readonly localZones: readonly LocalZone[];
  /** Whole names, whatever their spelling. */
  readonly localData: readonly DnsRecord[];
  readonly dnssecValidation: boolean;
  /** Zones that are not validated all the same. Fully qualified. */
  readonly insecureZones: readonly string[];
  readonly qnameMinimisation: boolean;
  readonly threads: number;
  /** For answers and records together. */
  readonly cacheSize: Size;
}

/** A resolver that another one asks. */
export interface Forwarder {
  readonly address: string;
  readonly port: number;
  /** DNS over TLS (RFC 7858): its certificate must be valid for this name in the node's trust store. */
  readonly tls?: { readonly name: string };
}

/** A zone and everything below it that certain resolvers or authoritative servers are asked for. */
export interface ForwardZone {
  /** Fully qualified. */
  readonly name: string;
  readonly forwardTo: readonly Forwarder[];
}

/** What a resolver does with names in a zone of its own that it has no local data for. */
export const LOCAL_ZONE_TYPES = ["static", "transparent", "redirect", "refuse", "deny", "always_nxdomain"] as const;
/** What a resolver does with names in a zone of its own. */
export type LocalZoneType = (typeof LOCAL_ZONE_TYPES)[number];

/** A zone in which a resolver answers by itself. */
export interface LocalZone {
  /** Fully qualified. */
  readonly name: string;
  readonly type: LocalZoneType;
}
