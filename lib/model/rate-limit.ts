import type { ParsedRate } from "../core/rate.js";

/** The limits of one client (an IPv4 address, an IPv6 /64) at a frontend. */
export interface RateLimit {
  /** Queries on all transports together, counted by dnsdist. */
  readonly queries?: ParsedRate;
  /** What happens to queries beyond the rate; "truncate" sends UDP clients to TCP and refuses on TCP. */
  readonly exceeded: "truncate" | "drop" | "refuse";
  /** New TCP and TLS connections, counted by HAProxy. */
  readonly connections?: ParsedRate;
  /** TCP and TLS connections open at once, counted by HAProxy. */
  readonly concurrentConnections?: number;
}
