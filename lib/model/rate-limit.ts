import type { ParsedByteRate, ParsedRate } from "../core/rate.js";

/** How many bits of its address tell one client from another, for each family. */
export interface ClientPrefixes {
  readonly ipv4: number;
  readonly ipv6: number;
}

/** The limits of one client at a frontend. */
export interface RateLimit {
  /** What one client is: all addresses of a network with such a prefix. */
  readonly per: ClientPrefixes;
  /** Networks whose clients have no limits. */
  readonly exempt: readonly string[];
  /** Queries on all transports together, or where they are truncated over UDP and over TCP apart, counted by dnsdist. */
  readonly queries?: ParsedRate;
  /** Queries that may come at once after a pause. @default - those of one period */
  readonly burst?: number;
  /** What happens to queries beyond the rate; "truncate" sends UDP clients to TCP and refuses on TCP. */
  readonly exceeded: "truncate" | "drop" | "refuse";
  /** New TCP and TLS connections, counted by HAProxy. */
  readonly connections?: ParsedRate;
  /** TCP and TLS connections open at once, counted by HAProxy. */
  readonly concurrentConnections?: number;
  /** Bytes of answers over TCP and TLS, counted by HAProxy. */
  readonly bytesOut?: ParsedByteRate;
}
