import type { Duration } from "../core/duration.js";
import type { DnsRecord } from "./dns-record.js";
import type { Tsig } from "./tsig.js";

/** A zone of an authoritative server: a primary zone, or a secondary zone transferred from a primary server. */
export type Zone = PrimaryZone | SecondaryZone;

/** A zone whose content the app gives. */
export interface PrimaryZone {
  readonly kind: "primary";
  /** Fully qualified. */
  readonly name: string;
  readonly content: ZoneContent;
}

/** The content of a zone: a zone file as it is, or records. */
export type ZoneContent =
  | { readonly kind: "file"; readonly text: string }
  | { readonly kind: "records"; readonly soa: StartOfAuthority; readonly records: readonly DnsRecord[] };

/** The fields of a zone's SOA record (RFC 1035, 3.3.13), and the default TTL. */
export interface StartOfAuthority {
  /** The name of the primary server. Fully qualified. */
  readonly primaryServer: string;
  /** The mailbox of the responsible person, as a domain name. Fully qualified. */
  readonly contact: string;
  /** Absent: a hash of the records. */
  readonly serial?: number;
  readonly refresh: Duration;
  readonly retry: Duration;
  readonly expire: Duration;
  /** How long resolvers may cache that a name or type does not exist (RFC 2308). */
  readonly negativeTtl: Duration;
  /** The TTL of records without one of their own. */
  readonly ttl: Duration;
}

/** A zone that a server transfers from primary servers. */
export interface SecondaryZone {
  readonly kind: "secondary";
  /** Fully qualified. */
  readonly name: string;
  readonly primaries: readonly TransferPeer[];
}

/** A server that zones are transferred to or from. */
export interface TransferPeer {
  readonly address: string;
  readonly port: number;
  /** The key that signs the messages; absent: the server is authenticated by its address alone. */
  readonly key?: Tsig;
}

/** Clients that may transfer zones. */
export interface TransferPermission {
  readonly from: string;
  /** The key with which they must sign; absent: they are authenticated by their address alone. */
  readonly key?: Tsig;
}
