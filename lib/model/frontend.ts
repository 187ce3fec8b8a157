import type { Duration } from "../core/duration.js";
import type { AccessRule } from "./access-rule.js";
import type { DotListener } from "./dot-listener.js";
import type { Pool } from "./pool.js";
import type { RateLimit } from "./rate-limit.js";

/** The port of DNS over UDP and TCP (RFC 1035, 4.2). */
export const DNS_PORT = 53;

/** UDP and TCP on port 53 of some addresses, in front of one pool. */
export interface Frontend {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly pool: Pool;
  readonly tcpPath: TcpPath;
  /** Nobody outside of these networks is served. */
  readonly allowFrom: readonly string[];
  readonly accessRules: readonly AccessRule[];
  readonly rateLimit?: RateLimit;
  /** How long an idle client may keep its TCP connection. */
  readonly idleTimeout: Duration;
  readonly dotListeners: readonly DotListener[];
}

/** HAProxy balances TCP itself, or hands every connection to dnsdist, which sees every query. */
export type TcpPath = "direct" | "inspected";
