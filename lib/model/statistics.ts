import type { Secret } from "./secret.js";

/** HAProxy's statistics page and the metrics of HAProxy and dnsdist, behind one credential. */
export interface Statistics {
  /** The addresses to listen on, beside each node's own. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** The networks that may open connections. @default - all */
  readonly allowFrom?: readonly string[];
  readonly user: string;
  readonly password: Secret;
}
