import type { Duration } from "../core/duration.js";
import type { DnsRecord } from "./dns-record.js";
import type { Tsig } from "./tsig.js";

/** A zone of an authoritative server: one that it holds itself, or one that it takes over from a primary server. */
export type Zone = PrimaryZone | SecondaryZone;

/** A zone that a server holds itself. */
export interface PrimaryZone {
  readonly kind: "primary";
  /** Fully qualified. */
  readonly name: string;
  readonly content: ZoneContent;
}

/** What stands in a zone: a file as it is, or records. */
export type ZoneContent =
  | { readonly kind: "file"; readonly text: string }
  | { readonly kind: "records"; readonly soa: StartOfAuthority; readonly records: readonly DnsRecord[] };

/** The parameters of a zone (RFC 1035, 3.3.13). */
export interface StartOfAuthority {
  /** The name of the primary server. Fully qualified. */
  readonly primaryServer: string;
  /** The mailbox of who is responsible, as a domain name. Fully qualified. */
  readonly contact: string;
  /** Absent where it is made of a hash of the records. */
  readonly serial?: number;
  readonly refresh: Duration;
  readonly retry: Duration;
  readonly expire: Duration;
  /** How long resolvers may remember that something does not exist (RFC 2308). */
  readonly negativeTtl: Duration;
  /** Of records that have none of their own. */
  readonly ttl: Duration;
}

/** A zone that a server transfers from others. */
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
  /** Signs what is said; absent where the address is proof enough. */
  readonly key?: Tsig;
}

/** Clients that may transfer zones. */
export interface TransferPermission {
  readonly from: string;
  /** They must sign with it; absent where the address is proof enough. */
  readonly key?: Tsig;
}
