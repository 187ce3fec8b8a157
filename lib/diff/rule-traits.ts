import type { AccessRule } from "../model/access-rule.js";
import { OPCODES, QUERY_CLASSES, QUERY_TYPES } from "../model/query-kind.js";
import type { Traits } from "./pairs.js";

/** The conditions of an access rule that are lists. */
export const LISTS = ["names", "types", "from", "classes", "opcodes"] as const;
/** One of them. */
export type List = (typeof LISTS)[number];

/** By what access rules are compared: rules of another action with other conditions are others. */
export const RULE_TRAITS: Traits<AccessRule, List> = {
  lists: LISTS,
  valuesOf,
  othersOf: ({ action, extendedError, ttl }) => [action, extendedError?.code, extendedError?.text, ttl],
  kindOf: ({ action }) => action,
};

/** The values of a condition. */
export function valuesOf(rule: AccessRule, list: List): readonly string[] {
  return (rule[list] ?? []).map((value) => valueText(list, value));
}

/** A value of a condition; a number by its name, if it has one. */
export function valueText(list: List, value: string | number): string {
  return typeof value === "number" ? (NAMES[list]?.get(value) ?? String(value)) : value;
}

const NAMES: Partial<Record<List, ReadonlyMap<number, string>>> = {
  types: namesOf(QUERY_TYPES),
  classes: namesOf(QUERY_CLASSES),
  opcodes: namesOf(OPCODES),
};

function namesOf(numbers: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}
