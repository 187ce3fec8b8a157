import {
  canonical,
  hasUnknown,
  isArray,
  isObject,
  isZero,
  UNKNOWN,
  type Value,
  type ValueObject,
} from "../protocol/value.js";
import { type Block, type Field, type Fields, isComputed, type Scalar, zeroOf } from "./schema.js";

/** What an apply would make of a resource, and which attributes demand a new one. */
export interface Plan {
  readonly planned: ValueObject;
  readonly replaceFor: readonly string[];
}

/**
 * Plans a change as Terraform's SDK for providers (version 2) does: values that read the same are
 * no change, computed values stay until something sets them, and a changed `forceNew` attribute
 * replaces the resource.
 */
export function planChange(fields: Fields, prior: ValueObject | null, proposed: ValueObject): Plan {
  const planned: Record<string, Value> = {};
  const replaceFor: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const wanted = proposed[name] ?? null;
    if (prior === null) {
      planned[name] = planNew(field, wanted);
      continue;
    }
    const { value, replaces } = planField(field, prior[name] ?? null, wanted);
    planned[name] = value;
    if (replaces) replaceFor.push(name);
  }
  return { planned, replaceFor };
}

/** A configuration with every default in place and every gap filled, in which equal settings are equal values. */
export function completed(fields: Fields, element: ValueObject): ValueObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const value = element[name] ?? defaultOf(field) ?? zeroOf(field);
      return [name, field.kind === "block" && isArray(value) ? completedElements(field, value) : value];
    }),
  );
}

interface Change {
  readonly value: Value;
  readonly replaces: boolean;
}

function planNew(field: Field, wanted: Value): Value {
  if (field.kind === "block") return planNewBlock(field, wanted);
  const value = wanted ?? defaultOf(field);
  return value === null && isComputed(field) ? UNKNOWN : value;
}

function planNewBlock(field: Block, wanted: Value): Value {
  if (!isArray(wanted)) return wanted;
  if (wanted.length === 0 && isComputed(field)) return UNKNOWN;
  return wanted.map((element) => (isObject(element) ? planElement(field.fields, element) : element));
}

function planElement(fields: Fields, element: ValueObject): ValueObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, planNew(field, element[name] ?? null)]),
  );
}

function planField(field: Field, prior: Value, wanted: Value): Change {
  const same: Change = { value: prior, replaces: false };
  if (hasUnknown(wanted)) return { value: wanted, replaces: replacesWhenUnknown(field) };
  switch (field.kind) {
    case "string":
    case "number":
    case "bool":
      return planScalar(field, prior, wanted);
    case "objects":
      return same;
    case "block":
      return planBlock(field, prior, wanted);
    case "list":
    case "set":
    case "map": {
      if (isZero(wanted) && (isZero(prior) || (wanted === null && isComputed(field)))) return same;
      const order = field.kind === "set" ? sorted : (value: Value) => value;
      if (canonical(order(prior)) === canonical(order(wanted))) return same;
      return { value: wanted, replaces: field.forceNew === true };
    }
  }
}

function planScalar(field: Scalar, prior: Value, wanted: Value): Change {
  const same: Change = { value: prior, replaces: false };
  const value = wanted ?? defaultOf(field);
  if (value === null && (isComputed(field) || isZero(prior))) return same;
  if (value === "" && (isComputed(field) || field.emptyIsNoChange === true || isZero(prior))) return same;
  if (value === null && field.emptyIsNoChange === true) return same;
  if (value === prior) return same;
  return { value, replaces: field.forceNew === true };
}

function planBlock(field: Block, prior: Value, wanted: Value): Change {
  const before = isArray(prior) ? prior : [];
  if (!isArray(wanted)) return { value: wanted, replaces: false };
  if (wanted.length === 0 && (before.length === 0 || isComputed(field))) return { value: prior, replaces: false };
  const old = completedElements(field, before);
  const next = completedElements(field, wanted);
  const ordered = field.nesting === "list" && field.orderIsNoChange !== true;
  const order = ordered ? (value: Value) => value : sorted;
  if (canonical(order(old)) === canonical(order(next))) return { value: prior, replaces: false };
  const value = planNewBlock(field, wanted);
  if (old.length !== next.length && field.forceNew === true) return { value, replaces: true };
  return { value, replaces: ordered ? replacesInOrder(field, old, next) : replacesInSet(field, old, next) };
}

/** In a list, elements at the same place are compared. */
function replacesInOrder(field: Block, old: readonly ValueObject[], next: readonly ValueObject[]): boolean {
  const places = Array.from({ length: Math.max(old.length, next.length) }, (_, index) => index);
  return places.some((place) => elementReplaces(field.fields, old[place] ?? {}, next[place] ?? {}));
}

/** In a set, a changed element is one that goes and one that comes. */
function replacesInSet(field: Block, old: readonly ValueObject[], next: readonly ValueObject[]): boolean {
  const known = new Set(old.map(canonical));
  const kept = new Set(next.map(canonical));
  return (
    next.some((element) => !known.has(canonical(element)) && elementReplaces(field.fields, {}, element)) ||
    old.some((element) => !kept.has(canonical(element)) && elementReplaces(field.fields, element, {}))
  );
}

function elementReplaces(fields: Fields, old: ValueObject, next: ValueObject): boolean {
  return Object.entries(fields).some(([name, field]) => {
    const before = old[name] ?? zeroOf(field);
    const after = next[name] ?? zeroOf(field);
    if (canonical(before) === canonical(after)) return false;
    if (field.forceNew === true) return true;
    if (field.kind !== "block" || !isArray(before) || !isArray(after)) return false;
    return replacesInOrder(field, before.filter(isObject), after.filter(isObject));
  });
}

function replacesWhenUnknown(field: Field): boolean {
  if (field.forceNew === true) return true;
  return field.kind === "block" && Object.values(field.fields).some(replacesWhenUnknown);
}

function completedElements(field: Block, elements: readonly Value[]): readonly ValueObject[] {
  const complete = elements.filter(isObject).map((element) => {
    const filled = completed(field.fields, element);
    return Object.fromEntries(
      Object.entries(filled).map(([name, value]) => [name, field.fields[name]?.kind === "set" ? sorted(value) : value]),
    );
  });
  return complete;
}

function sorted(value: Value): Value {
  return isArray(value) ? [...value].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1)) : value;
}

function defaultOf(field: Field): Value {
  return field.kind === "string" || field.kind === "number" || field.kind === "bool" ? (field.default ?? null) : null;
}
