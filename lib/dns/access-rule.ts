import type * as model from "../model/access-rule.js";
import { factoryMade } from "../terraform/brand.js";
import { domainName, network } from "../terraform/fields.js";
import { type Input, parseOptions } from "../terraform/parse.js";
import { type Kept, listOf, object, oneOf, optional } from "../terraform/schema.js";

/** Turns away some queries or clients of a frontend. */
export type AccessRule = model.AccessRule;

/** Options for `AccessRule.refuse()` and `AccessRule.drop()`: what must all match; at least one is needed. */
export interface AccessRuleOptions {
  /**
   * The networks of the clients.
   * @default - every client
   */
  readonly from?: readonly string[];
  /**
   * The names asked for, and everything below them. Needs `tcpPath: "inspected"`.
   * @default - every name
   */
  readonly names?: readonly string[];
  /**
   * The record types asked for. Needs `tcpPath: "inspected"`.
   * @default - every type
   */
  readonly types?: readonly model.QueryType[];
}

/** Turns away what matches all of its conditions; the first rule of a frontend that matches wins. */
export const AccessRule = {
  /** Answers REFUSED; a TCP connection that matches by `from` alone is rejected. */
  refuse(options: AccessRuleOptions): AccessRule {
    return accessRule("refuse", options);
  },

  /** Says nothing. */
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
