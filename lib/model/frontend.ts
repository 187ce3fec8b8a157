import type { AccessRule } from "./access-rule.js";
import type { Listener } from "./listener.js";
import type { Pool } from "./pool.js";
import type { RateLimit } from "./rate-limit.js";

/** Listeners on some addresses that share one pool and one policy for clients. */
export interface Frontend {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly pool: Pool;
  readonly tcpPath: TcpPath;
  /** Only clients in these networks are served. */
  readonly allowFrom: readonly string[];
  readonly accessRules: readonly AccessRule[];
  readonly rateLimit?: RateLimit;
  /** Each listens on all of the addresses. The first one is plain DNS and has the frontend's name. */
  readonly listeners: readonly Listener[];
}

/**
 * `direct`: HAProxy balances TCP connections itself. `inspected`: HAProxy passes them to dnsdist, which reads queries.
 */
export type TcpPath = "direct" | "inspected";
