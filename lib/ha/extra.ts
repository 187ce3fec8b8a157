import type { DnsdistSetting } from "../config/dnsdist/model.js";
import type { Directive } from "../config/haproxy/model.js";
import type { KeepalivedLine } from "../config/keepalived/model.js";
import { EXTRA_SETTING } from "../dns/extra/dnsdist.js";
import { extraDirective } from "../dns/extra/haproxy.js";
import type { LoadBalancerExtra } from "../model/extra.js";
import { type Field, listOf, object, optional, type Shape } from "../terraform/schema.js";
import { EXTRA_LINE } from "./keepalived-extra.js";

/** Settings of HAProxy for all that a node serves, in the words of `haproxy` of `cdktf-dns-lb/config`. */
export interface HaproxyExtraOptions {
  /**
   * Directives for the section `global`, such as `["tune.bufsize", "32768"]`.
   * @default - nothing
   * @see https://docs.haproxy.org/2.6/configuration.html#3
   */
  readonly global?: readonly Directive[];
  /**
   * Directives for the section `defaults`, such as `["option", "tcpka"]`. They are for the statistics, too.
   * @default - nothing
   * @see https://docs.haproxy.org/2.6/configuration.html#4
   */
  readonly defaults?: readonly Directive[];
}

/** Settings of daemons for a load balancer, in the words of `cdktf-dns-lb/config`. */
export interface LoadBalancerExtraOptions {
  /**
   * Settings of HAProxy, which reloads when they change.
   * @default - nothing
   */
  readonly haproxy?: HaproxyExtraOptions;
  /**
   * Calls that set up dnsdist, such as `["setRingBuffersSize", 20_000]`, after those of the library. A change restarts
   * dnsdist.
   * @default - nothing
   * @see https://dnsdist.org/reference/tuning.html
   */
  readonly dnsdist?: readonly DnsdistSetting[];
}

/** Settings of daemons for a pair, in the words of `cdktf-dns-lb/config`. */
export interface HaPairExtraOptions extends LoadBalancerExtraOptions {
  /**
   * Lines for keepalived's block `global_defs`, such as `["vrrp_rt_priority", "50"]`. keepalived reloads when they change;
   * some of them count from its next start.
   * @default - nothing
   * @see https://www.keepalived.org/manpage.html
   */
  readonly keepalived?: readonly KeepalivedLine[];
}

const SHAPE = {
  haproxy: optional(
    object<HaproxyExtraOptions>()({
      global: optional(listOf(extraDirective("global"))),
      defaults: optional(listOf(extraDirective("defaults"))),
    }),
  ),
  dnsdist: optional(listOf(EXTRA_SETTING)),
} satisfies Shape<LoadBalancerExtraOptions>;

/** The schema of the settings of daemons for a load balancer without keepalived. */
export const LOAD_BALANCER_EXTRA: Field<LoadBalancerExtraOptions, LoadBalancerExtra> =
  object<LoadBalancerExtraOptions>()(SHAPE);

/** The schema of the settings of daemons for a pair. */
export const PAIR_EXTRA: Field<HaPairExtraOptions, LoadBalancerExtra> = object<HaPairExtraOptions>()({
  ...SHAPE,
  keepalived: optional(listOf(EXTRA_LINE)),
});
