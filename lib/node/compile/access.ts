import { call, type DnsdistRule, type LuaCall, list, record } from "../../config/dnsdist/model.js";
import type { Directive } from "../../config/haproxy/model.js";
import { withoutMapped } from "../../core/address-kind.js";
import { toMilliseconds } from "../../core/duration.js";
import { coversFamily } from "../../core/ip.js";
import { type AccessRule, isForUdp, needsQuery } from "../../model/access-rule.js";
import { extendedErrorNumber } from "../../model/extended-error.js";
import type { Frontend } from "../../model/frontend.js";
import type { ReleaseFile } from "../../model/node-spec.js";
import { classNumber, OPCODES, opcodeNumber, QUERY_CLASSES, QUERY_TYPES, typeNumber } from "../../model/query-kind.js";
import type { NodeFeatures } from "../features.js";
import { groupsOf } from "./access-group.js";
import { toFrontend } from "./dnsdist-frontend.js";
import { allOf, anyOf, DROP, from, over, REFUSE, rule, withReason } from "./dnsdist-terms.js";

/*
 * Access control: HAProxy checks the source of connections; dnsdist checks every query, over TCP too, because without
 * HAProxy TCP connections reach dnsdist directly.
 */

/** HAProxy's files with the networks that a frontend allows and denies. */
export function haproxyAccessLists(frontend: Frontend): ReleaseFile[] {
  const denied = deniedSources(frontend);
  return [
    ...(isOpen(frontend) ? [] : [networkList(allowList(frontend), frontend.allowFrom)]),
    ...(denied.length === 0 ? [] : [networkList(denyList(frontend), denied)]),
  ];
}

/** HAProxy's access rules for the connections of a frontend. */
export function haproxyAccess(frontend: Frontend): Directive[] {
  const rules: Directive[] = [];
  if (!isOpen(frontend)) {
    rules.push(rejectOthers(allowList(frontend)));
  }
  if (deniedSources(frontend).length > 0) {
    rules.push(["tcp-request", "connection", "reject", "if", "{", "src", "-f", denyList(frontend), "}"]);
  }
  return rules;
}

/** dnsdist's rule that refuses the queries of clients whom a frontend does not serve. */
export function dnsdistOutsiders(frontend: Frontend): DnsdistRule[] {
  const { name, allowFrom } = frontend;
  if (isOpen(frontend)) return [];
  return [rule(`${name}: outsiders`, allOf(toFrontend(frontend), call("NotRule", from(allowFrom))), REFUSE)];
}

/** Selects the queries of a frontend from the clients whom it serves. */
export function toClients(frontend: Frontend): LuaCall {
  return allOf(toFrontend(frontend), ...(isOpen(frontend) ? [] : [from(frontend.allowFrom)]));
}

/** dnsdist's access rules for the queries of a frontend. */
export function dnsdistAccess(frontend: Frontend, features: NodeFeatures): DnsdistRule[] {
  return groupsOf(frontend.accessRules).flatMap(({ rule: accessRule, title }) =>
    rulesOf(frontend, accessRule, `${frontend.name}: ${title}`, features),
  );
}

function rulesOf(
  frontend: Frontend,
  accessRule: AccessRule,
  name: string,
  { minimalAny, extendedErrors }: NodeFeatures,
): DnsdistRule[] {
  const selector = selectorOf(frontend, accessRule);
  const { action, extendedError } = accessRule;
  switch (action) {
    case "refuse": {
      const reason =
        extendedError === undefined || !extendedErrors
          ? []
          : [
              rule(
                `${name}, reason`,
                selector,
                withReason(extendedErrorNumber(extendedError.code), extendedError.text),
              ),
            ];
      return [...reason, rule(name, selector, REFUSE)];
    }
    case "drop":
      return [rule(name, selector, DROP)];
    case "truncate":
      return [rule(name, selector, call("TCAction"))];
    case "minimal-any":
      if (namesOfAny(frontend, accessRule).length === 0) return [];
      return [
        // An unsigned record in a signed zone would be bogus to those who validate.
        rule(`${name}, DNSSEC`, allOf(selector, call("DNSSECRule")), call("TCAction")),
        rule(name, selector, minimalAny ? minimalAnswer(accessRule) : call("TCAction")),
      ];
  }
}

function selectorOf(frontend: Frontend, accessRule: AccessRule): LuaCall {
  const { from: networks, types, classes = [], opcodes = [], action } = accessRule;
  const names = action === "minimal-any" ? namesOfAny(frontend, accessRule) : accessRule.names;
  return allOf(
    ...(isForUdp(accessRule) ? [over("udp")] : []),
    // Before the destination: few queries are from these clients, or for these names, and many for this frontend.
    ...(networks.length > 0 ? [from(networks)] : []),
    ...(names.length > 0 ? [call("SuffixMatchNodeRule", call("suffixes", list(...names)))] : []),
    toFrontend(frontend),
    ...(action === "minimal-any" ? [call("OpcodeRule", OPCODES.QUERY), call("QClassRule", QUERY_CLASSES.IN)] : []),
    ...oneOf(opcodes.map((opcode) => call("OpcodeRule", opcodeNumber(opcode)))),
    ...oneOf(types.map((type) => call("QTypeRule", typeNumber(type)))),
    ...oneOf(classes.map((each) => call("QClassRule", classNumber(each)))),
  );
}

/** The names for which the load balancer answers ANY: those of the servers' zones, whose answers have AA. */
function namesOfAny({ pool, routes = [] }: Frontend, { names }: AccessRule): readonly string[] {
  return names.length > 0
    ? names
    : [...new Set([pool, ...routes.map((route) => route.pool)].flatMap(({ zones }) => zones))];
}

function oneOf(conditions: readonly LuaCall[]): LuaCall[] {
  return conditions.length === 0 ? [] : [anyOf(...conditions)];
}

/* The data of the record of RFC 8482, section 4.2: the processor is "RFC8482", the system is empty. */
const MINIMAL_DATA = "\x07RFC8482\x00";

function minimalAnswer({ ttl = "1h" }: AccessRule): LuaCall {
  const fields = { typeForAny: QUERY_TYPES.HINFO, ttl: toMilliseconds(ttl) / 1_000, aa: true, ra: false };
  return call("SpoofRawAction", MINIMAL_DATA, record(fields));
}

function isOpen({ allowFrom }: Frontend): boolean {
  return (["ipv4", "ipv6"] as const).every((family) => coversFamily(allowFrom, family));
}

function deniedSources({ accessRules }: Frontend): string[] {
  return accessRules.filter((each) => !needsQuery(each) && !isForUdp(each)).flatMap((each) => each.from);
}

/** HAProxy's rule for connections from networks that are not in a file. */
export function rejectOthers(path: string): Directive {
  return ["tcp-request", "connection", "reject", "unless", "{", "src", "-f", path, "}"];
}

/**
 * A file of HAProxy with networks. HAProxy looks for IPv4 clients among the IPv6 networks too, where they would be in
 * `::/0`, so wide IPv6 networks leave out what it takes for IPv4.
 */
export function networkList(path: string, networks: readonly string[]): ReleaseFile {
  const exact = coversFamily(networks, "ipv4") ? networks : networks.flatMap(withoutMapped);
  return { path: `haproxy/${path}`, content: `${[...new Set(exact)].sort().join("\n")}\n` };
}

function allowList({ name }: Frontend): string {
  return `lists/${name}-allow.lst`;
}

function denyList({ name }: Frontend): string {
  return `lists/${name}-deny.lst`;
}
