import type { Duration } from "../core/duration.js";
import type * as model from "../model/access-rule.js";
import { EXTENDED_ERRORS, type ExtendedErrorName } from "../model/extended-error.js";
import type { Opcode, QueryClass, QueryType } from "../model/query-kind.js";
import { network } from "../terraform/address-fields.js";
import { factoryMade } from "../terraform/brand.js";
import { domainName, wholeSeconds } from "../terraform/fields.js";
import { type Input, input, parseOptions, type Report } from "../terraform/parse.js";
import { type Field, field, type Kept, listOf, object, optional, withDefault } from "../terraform/schema.js";
import { opcode, queryClass, queryType } from "./query-kind.js";

/** A rule of a frontend for some queries or clients. */
export type AccessRule = model.AccessRule;

/**
 * Options for `AccessRule.drop()` and `AccessRule.truncate()`: conditions, which must all match; at least one is required.
 * But for `from`, they let the frontend inspect TCP if the rule is for TCP too; `tcpPath: "direct"` is an error beside them.
 */
export interface AccessRuleOptions {
  /**
   * The networks of the clients.
   * @default - every client
   */
  readonly from?: readonly string[];
  /**
   * The query names, and every name below them.
   * @default - every name
   */
  readonly names?: readonly string[];
  /**
   * The query types, by name or by number: `["ANY", 65280]`.
   * @default - every type
   */
  readonly types?: readonly (QueryType | number)[];
  /**
   * The classes, by name or by number: `["CH"]` is that of `version.bind`.
   * @default - every class
   */
  readonly classes?: readonly (QueryClass | number)[];
  /**
   * The opcodes, by name or by number: `["NOTIFY", "UPDATE"]`.
   * @default - every opcode
   * @see https://www.iana.org/assignments/dns-parameters/dns-parameters.xhtml
   */
  readonly opcodes?: readonly (Opcode | number)[];
}

/** Options for `AccessRule.refuse()`: conditions, which must all match, at least one; and the reason that clients get. */
export interface AccessRefusalOptions extends AccessRuleOptions {
  /**
   * The reason that clients get with REFUSED if they speak EDNS, by name or by number. Needs dnsdist 1.9.
   * @default - no reason
   * @see https://www.rfc-editor.org/rfc/rfc8914
   */
  readonly extendedError?: ExtendedErrorName | number;
  /**
   * A text for people beside the reason, such as where to complain: up to 100 printable ASCII characters.
   * @default - no text
   */
  readonly extendedErrorText?: string;
}

/** Options for `AccessRule.minimalAny()`: conditions, which must all match. */
export interface MinimalAnyOptions {
  /**
   * The networks of the clients.
   * @default - every client
   */
  readonly from?: readonly string[];
  /**
   * The query names, and every name below them; all in zones of the frontend's authoritative pools.
   * @default - all names in these zones
   */
  readonly names?: readonly string[];
  /**
   * How long resolvers keep the answer, and do not ask again; whole seconds between "1s" and "7d".
   * @default "1h"
   */
  readonly ttl?: Duration;
}

/** Turns some queries away; the first rule of a frontend that matches applies. */
export const AccessRule = {
  /** Answers REFUSED; a TCP connection that matches by `from` alone is rejected. */
  refuse(options: AccessRefusalOptions): AccessRule {
    const { extendedError, extendedErrorText: text, ...conditions } = parseOptions(REFUSE, options);
    const reason = text === undefined ? {} : { text };
    return accessRule("refuse", {
      ...conditions,
      ...(extendedError === undefined ? {} : { extendedError: { code: extendedError, ...reason } }),
    });
  },

  /** Drops the query without an answer. */
  drop(options: AccessRuleOptions): AccessRule {
    return accessRule("drop", parseOptions(conditions("AccessRule.drop()"), options));
  },

  /**
   * Answers queries over UDP with TC and nothing else, so that clients with a real address ask again over TCP, where the
   * rule does not apply.
   */
  truncate(options: AccessRuleOptions): AccessRule {
    return accessRule("truncate", parseOptions(conditions("AccessRule.truncate()"), options));
  },

  /**
   * Answers queries for ANY over UDP with a small record of type HINFO in place of the zone's servers, and with TC those
   * that want DNSSEC, whose answers are signed. Over TCP the servers answer. For frontends with an authoritative pool;
   * needs dnsdist 1.9.
   * @see https://www.rfc-editor.org/rfc/rfc8482#section-4.2
   */
  minimalAny(options: MinimalAnyOptions = {}): AccessRule {
    return accessRule("minimal-any", { ...parseOptions(MINIMAL_ANY, options), types: ["ANY"] });
  },
} as const;

function accessRule(action: AccessRule["action"], conditions: Partial<AccessRule>): AccessRule {
  return factoryMade("AccessRule", { action, from: [], names: [], types: [], ...conditions });
}

const CONDITIONS = {
  from: optional(listOf(network)),
  names: optional(listOf(domainName)),
  types: optional(listOf(queryType)),
  classes: optional(listOf(queryClass)),
  opcodes: optional(listOf(opcode)),
};

const SCHEMA = object<AccessRuleOptions>()(CONDITIONS);

const TEXT: Field<string> = field<string>({
  code: "DNSLB109",
  type: "string",
  allowed: "1 to 100 printable ASCII characters",
  accepts: (value) => typeof value === "string" && /^[ -~]{1,100}$/.test(value),
});

const REFUSE = input({
  name: "AccessRule.refuse()",
  schema: object<AccessRefusalOptions>()({
    ...CONDITIONS,
    extendedError: optional(extendedError()),
    extendedErrorText: optional(TEXT),
  }),
  check: (options, report) => {
    checkConditions("AccessRule.refuse()", options, report);
    if (options.extendedErrorText !== undefined && options.extendedError === undefined) {
      report("DNSLB113", ["extendedErrorText"], "goes with an 'extendedError'; give that too, such as \"prohibited\"");
    }
  },
});

const MINIMAL_ANY = input({
  name: "AccessRule.minimalAny()",
  schema: object<MinimalAnyOptions>()({
    from: CONDITIONS.from,
    names: CONDITIONS.names,
    ttl: withDefault(wholeSeconds("1s", "7d"), "1h"),
  }),
  check: ({ from, names }, report) => checkLists({ from, names }, report),
});

function extendedError(): Field<ExtendedErrorName | number> {
  const names = Object.keys(EXTENDED_ERRORS).map((name) => JSON.stringify(name));
  return field<ExtendedErrorName | number>({
    code: "DNSLB103",
    type: "string",
    allowed: `one of ${names.join(", ")}, or a number from 0 to 65535`,
    accepts: (value) =>
      (typeof value === "string" && Object.hasOwn(EXTENDED_ERRORS, value)) ||
      (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535),
  });
}

function conditions(name: string): Input<AccessRuleOptions, Kept<typeof SCHEMA>> {
  return { name, schema: SCHEMA, check: (options, report) => checkConditions(name, options, report) };
}

function checkConditions(name: string, options: AccessRuleOptions, report: Report): void {
  const { from, names, types, classes, opcodes } = options;
  const lists = { from, names, types, classes, opcodes };
  checkLists(lists, report);
  if (Object.values(lists).every((list) => list === undefined)) {
    report("DNSLB117", [], `${name} would turn everything away; give 'from', 'names', 'types', 'classes' or 'opcodes'`);
  }
}

function checkLists(lists: Readonly<Record<string, readonly unknown[] | undefined>>, report: Report): void {
  for (const [property, list] of Object.entries(lists)) {
    if (list?.length === 0) {
      report("DNSLB111", [property], "must not be an empty list; leave it out to match everything");
    }
  }
}
