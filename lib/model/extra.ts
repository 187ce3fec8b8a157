import type { LuaCall } from "../config/dnsdist/model.js";
import type { Directive } from "../config/haproxy/model.js";
import type { KeepalivedLine } from "../config/keepalived/model.js";

/*
 * What users give to daemons in the words of their files, because no property says it.
 */

/** Settings of the daemons of a load balancer, the same on all of its nodes. */
export interface LoadBalancerExtra {
  readonly haproxy?: {
    /** @default - none */
    readonly global?: readonly Directive[];
    /** @default - none */
    readonly defaults?: readonly Directive[];
  };
  /** Calls that set up dnsdist's process. @default - none */
  readonly dnsdist?: readonly LuaCall[];
  /** Lines of keepalived's `global_defs`; only where it runs. @default - none */
  readonly keepalived?: readonly KeepalivedLine[];
}

/** Settings of a frontend. */
export interface FrontendExtra {
  /** Lines of each of HAProxy's sections that listen for it. @default - none */
  readonly haproxy?: readonly Directive[];
  /** Rules for its queries. @default - none */
  readonly dnsdist?: readonly ExtraRule[];
}

/** A rule of dnsdist for some queries of a frontend. */
export interface ExtraRule {
  readonly rule: LuaCall;
  readonly action: LuaCall;
}
