import type { AccessRule } from "./access-rule.js";
import type { Listener } from "./listener.js";
import type { Pool } from "./pool.js";
import type { RateLimit } from "./rate-limit.js";

/** Listeners on some addresses in front of one pool, with one policy for their clients. */
export interface Frontend {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly pool: Pool;
  readonly tcpPath: TcpPath;
  /** Nobody outside of these networks is served. */
  readonly allowFrom: readonly string[];
  readonly accessRules: readonly AccessRule[];
  readonly rateLimit?: RateLimit;
  /** Each on all of the addresses. The first one is plain DNS and has the frontend's name. */
  readonly listeners: readonly Listener[];
}

/** HAProxy balances TCP itself, or hands every connection to dnsdist, which sees every query. */
export type TcpPath = "direct" | "inspected";
