import type { Secret } from "./secret.js";

/**
 * The name of the statistics among the listeners with TLS. DoT listeners have the names of their constructs.
 */
export const STATISTICS_LISTENER = "statistics";

/** HAProxy's statistics page and the metrics of HAProxy and dnsdist, behind one credential. */
export interface Statistics {
  /** The addresses to listen on, beside each node's own. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** The networks that may open connections. @default - all */
  readonly allowFrom?: readonly string[];
  readonly user: string;
  readonly password: Secret;
  /** PEM: certificate, chain and private key. @default - plain HTTP */
  readonly certificate?: Secret;
}
