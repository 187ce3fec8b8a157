import type { LuaCall } from "../../config/dnsdist/model.js";
import type { Directive } from "../../config/haproxy/model.js";
import type * as model from "../../model/extra.js";
import { type Field, listOf, object, optional } from "../../terraform/schema.js";
import { EXTRA_ACTION, EXTRA_SELECTOR } from "./dnsdist.js";
import { extraDirective } from "./haproxy.js";

/** A rule of dnsdist, in the words of `dnsdist` of `cdktf-dns-lb/config`. */
export interface ExtraRuleOptions {
  /** The selector of queries, such as `dnsdist.call("QNameLabelsCountRule", 0, 8)`. */
  readonly rule: LuaCall;
  /** What is done with them, such as `dnsdist.call("DropAction")`. */
  readonly action: LuaCall;
}

/** Settings of daemons for a frontend, in the words of `cdktf-dns-lb/config`. */
export interface FrontendExtraOptions {
  /**
   * Directives for each of HAProxy's sections `frontend` of this frontend and of its DotListeners, after those of the library.
   * @default - nothing
   * @see https://docs.haproxy.org/2.6/configuration.html#4
   */
  readonly haproxy?: readonly Directive[];
  /**
   * Rules for queries to this frontend from the clients that it serves, tried after its access rules and before its routes.
   * TCP is inspected then. A change does not restart dnsdist.
   * @default - nothing
   * @see https://dnsdist.org/rules-actions.html
   */
  readonly dnsdist?: readonly ExtraRuleOptions[];
}

/** The schema of the settings of daemons for a frontend. */
export const FRONTEND_EXTRA: Field<FrontendExtraOptions, model.FrontendExtra> = object<FrontendExtraOptions>()({
  haproxy: optional(listOf(extraDirective("frontend"))),
  dnsdist: optional(listOf(object<ExtraRuleOptions>()({ rule: EXTRA_SELECTOR, action: EXTRA_ACTION }))),
});
