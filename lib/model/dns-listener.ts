import type { Duration } from "../core/duration.js";

/** The port of DNS over UDP and TCP (RFC 1035, 4.2). */
export const DNS_PORT = 53;

/** Plain DNS over UDP and TCP: dnsdist listens on UDP, HAProxy on TCP. */
export interface DnsListener {
  readonly kind: "dns";
  /** Unique among the listeners of a load balancer. */
  readonly name: string;
  readonly port: number;
  /** How long an idle client may keep its TCP connection. */
  readonly idleTimeout: Duration;
  /** How long a client may take to close what its server has closed. @default - `idleTimeout` */
  readonly closeTimeout?: Duration;
}
