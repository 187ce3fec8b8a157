import { call, constant, type DnsdistRule, type LuaCall, record } from "../../config/dnsdist/model.js";
import { QUERY_CLASSES } from "../../model/query-kind.js";
import { featuresOf } from "../features.js";
import type { BalancerWork } from "../work.js";
import { allOf, anyOf, rule } from "./dnsdist-terms.js";

/** The names by which a node is asked for its own (RFC 4892, section 3). */
const IDENTITY_NAMES = ["id.server.", "hostname.bind."];

/** dnsdist's rule by which the node tells its name to clients of a frontend, who are selected by `here` (RFC 4892). */
export function dnsdistIdentity(name: string, here: LuaCall, work: BalancerWork): DnsdistRule[] {
  const { loadBalancer, node, profile } = work;
  if (!loadBalancer.identity || !featuresOf(profile.versions).answersInClass) return [];
  const selector = allOf(
    // Of the conditions that cost little the one first that nearly every query fails.
    call("QClassRule", QUERY_CLASSES.CH),
    call("QTypeRule", "TXT"),
    call("OpcodeRule", constant("DNSOpcode.Query")),
    anyOf(...IDENTITY_NAMES.map((each) => call("QNameRule", each))),
    here,
  );
  return [rule(`${name}: identity`, selector, call("SpoofRawAction", characterString(node.name), IDENTITY_ANSWER))];
}

/* Another node may answer the next time, so that nobody is to keep it. */
const IDENTITY_ANSWER = record({ ttl: 0, aa: true, ra: false });

/** The data of a record of type TXT with one text (RFC 1035, section 3.3.14), in ASCII. */
function characterString(text: string): string {
  return `${String.fromCharCode(text.length)}${text}`;
}
