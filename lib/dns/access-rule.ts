import type * as model from "../model/access-rule.js";
import { network } from "../terraform/address-fields.js";
import { factoryMade } from "../terraform/brand.js";
import { domainName } from "../terraform/fields.js";
import { type Input, parseOptions } from "../terraform/parse.js";
import { type Kept, listOf, object, oneOf, optional } from "../terraform/schema.js";

/** A rule of a frontend that refuses or drops some queries or clients. */
export type AccessRule = model.AccessRule;

/**
 * Options for `AccessRule.refuse()` and `AccessRule.drop()`: conditions, which must all match; at least one is
 * required.
 */
export interface AccessRuleOptions {
  /**
   * The networks of the clients.
   * @default - every client
   */
  readonly from?: readonly string[];
  /**
   * The query names, and every name below them. Needs `tcpPath: "inspected"`.
   * @default - every name
   */
  readonly names?: readonly string[];
  /**
   * The query types. Needs `tcpPath: "inspected"`.
   * @default - every type
   */
  readonly types?: readonly model.QueryType[];
}

/** Refuses or drops queries that match all conditions; the first matching rule of a frontend applies. */
export const AccessRule = {
  /** Answers REFUSED; a TCP connection that matches by `from` alone is rejected. */
  refuse(options: AccessRuleOptions): AccessRule {
    return accessRule("refuse", options);
  },

  /** Drops the query without an answer. */
  drop(options: AccessRuleOptions): AccessRule {
    return accessRule("drop", options);
  },
} as const;

function accessRule(action: AccessRule["action"], options: AccessRuleOptions): AccessRule {
  const { from = [], names = [], types = [] } = parseOptions(input(`AccessRule.${action}()`), options);
  return factoryMade("AccessRule", { action, from, names, types });
}

const SCHEMA = object<AccessRuleOptions>()({
  from: optional(listOf(network)),
  names: optional(listOf(domainName)),
  types: optional(
    listOf(
      oneOf<model.QueryType>({
        A: true,
        AAAA: true,
        ANY: true,
        AXFR: true,
        CNAME: true,
        HTTPS: true,
        IXFR: true,
        MX: true,
        NS: true,
        PTR: true,
        SOA: true,
        SRV: true,
        SVCB: true,
        TXT: true,
      }),
    ),
  ),
});

function input(name: string): Input<AccessRuleOptions, Kept<typeof SCHEMA>> {
  return {
    name,
    schema: SCHEMA,
    check: ({ from, names, types }, report) => {
      for (const [property, list] of Object.entries({ from, names, types })) {
        if (list?.length === 0) {
          report("DNSLB111", [property], "must not be an empty list; leave it out to match everything");
        }
      }
      if (from === undefined && names === undefined && types === undefined) {
        report("DNSLB117", [], `${name} would turn everything away; give 'from', 'names' or 'types'`);
      }
    },
  };
}
