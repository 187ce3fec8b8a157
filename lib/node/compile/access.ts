import { call, type DnsdistRule, list } from "../../config/dnsdist/model.js";
import type { Directive } from "../../config/haproxy/model.js";
import { withoutMapped } from "../../core/address-kind.js";
import { coversFamily } from "../../core/ip.js";
import { needsQuery } from "../../model/access-rule.js";
import type { Frontend } from "../../model/frontend.js";
import type { ReleaseFile } from "../../model/node-spec.js";
import { toFrontend } from "./dnsdist-frontend.js";
import { allOf, anyOf, DROP, from, REFUSE, rule } from "./dnsdist-terms.js";

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

/** dnsdist's access rules for the queries of a frontend. */
export function dnsdistAccess(frontend: Frontend): DnsdistRule[] {
  const gate = isOpen(frontend)
    ? []
    : [
        rule(
          `${frontend.name}: outsiders`,
          allOf(toFrontend(frontend), call("NotRule", from(frontend.allowFrom))),
          REFUSE,
        ),
      ];
  const denied = frontend.accessRules.map(({ action, from: networks, names, types }, index) =>
    rule(
      `${frontend.name}: access rule ${index + 1}`,
      allOf(
        toFrontend(frontend),
        ...(networks.length > 0 ? [from(networks)] : []),
        ...(names.length > 0 ? [call("SuffixMatchNodeRule", call("suffixes", list(...names)))] : []),
        ...(types.length > 0 ? [anyOf(...types.map((type) => call("QTypeRule", type)))] : []),
      ),
      action === "refuse" ? REFUSE : DROP,
    ),
  );
  return [...gate, ...denied];
}

function isOpen({ allowFrom }: Frontend): boolean {
  return (["ipv4", "ipv6"] as const).every((family) => coversFamily(allowFrom, family));
}

function deniedSources({ accessRules }: Frontend): string[] {
  return accessRules.filter((accessRule) => !needsQuery(accessRule)).flatMap((accessRule) => accessRule.from);
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
