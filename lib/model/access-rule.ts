import type { Duration } from "../core/duration.js";
import type { ExtendedError } from "./extended-error.js";
import {
  classNumber,
  OPCODES,
  type Opcode,
  opcodeNumber,
  QUERY_CLASSES,
  QUERY_TYPES,
  type QueryClass,
  type QueryType,
  typeNumber,
} from "./query-kind.js";

/** What happens to queries that match all conditions of a rule; an empty list, or none, matches everything. */
export interface AccessRule {
  /**
   * Answer REFUSED (a TCP connection that matches by `from` alone is rejected), drop without an answer; over UDP alone:
   * answer with TC, or answer ANY with a record of type HINFO (RFC 8482).
   */
  readonly action: "refuse" | "drop" | "truncate" | "minimal-any";
  readonly from: readonly string[];
  /** Domains: these names and every name below them. Fully qualified. */
  readonly names: readonly string[];
  readonly types: readonly (QueryType | number)[];
  readonly classes?: readonly (QueryClass | number)[];
  readonly opcodes?: readonly (Opcode | number)[];
  /** The reason that goes with REFUSED. */
  readonly extendedError?: ExtendedError;
  /** How long resolvers keep the record of type HINFO. */
  readonly ttl?: Duration;
}

/** Tells whether a rule depends on the content of queries, which HAProxy does not read. */
export function needsQuery({ names, types, classes = [], opcodes = [] }: AccessRule): boolean {
  return [names, types, classes, opcodes].some(({ length }) => length > 0);
}

/** Tells whether a rule is for UDP alone, which only dnsdist handles. */
export function isForUdp({ action }: AccessRule): boolean {
  return action === "truncate" || action === "minimal-any";
}

/** Tells whether a rule by the content of queries may match some that a client can send over TCP. */
export function judgesTcp(rule: AccessRule): boolean {
  return needsQuery(rule) && !isForUdp(rule);
}

/** Tells whether a rule leaves room for a query of the Internet's class, of one of these types. */
export function mayMatchQuery(
  { types, classes = [], opcodes = [] }: Pick<AccessRule, "types" | "classes" | "opcodes">,
  wanted: readonly QueryType[],
): boolean {
  const numbers = types.map(typeNumber);
  return (
    (numbers.length === 0 || wanted.some((type) => numbers.includes(QUERY_TYPES[type]))) &&
    (classes.length === 0 || classes.map(classNumber).includes(QUERY_CLASSES.IN)) &&
    (opcodes.length === 0 || opcodes.map(opcodeNumber).includes(OPCODES.QUERY))
  );
}
