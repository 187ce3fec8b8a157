import type { Duration } from "../core/duration.js";
import type { Secret } from "./secret.js";

/** DNS over TLS (RFC 7858) that the servers behind a frontend terminate themselves: HAProxy passes the bytes on. */
export interface PassThroughListener {
  readonly kind: "pass-through";
  /** Unique among the listeners of a load balancer. */
  readonly name: string;
  readonly port: number;
  /** The name for which the servers have certificates. */
  readonly serverName: string;
  /** The port on which the servers speak TLS. @default - that of a server over TLS, or 853 */
  readonly serverPort?: number;
  /** PEM: the authorities of the servers' certificates. @default - those of the pool */
  readonly trust?: Secret;
  /** Whether the servers judge clients, as the load balancer does elsewhere. */
  readonly serversJudge: boolean;
  /** How long an idle client may keep its connection. */
  readonly idleTimeout: Duration;
  /** How long a client may take to close what its server has closed. @default - `idleTimeout` */
  readonly closeTimeout?: Duration;
}
