import { brandOf } from "./brand.js";
import { isPlainObject } from "./tokens.js";

/** What of an input cannot be read. */
export interface Unreadable {
  readonly path: readonly PropertyKey[];
  /** Completes "must be data that can be read, got ...". */
  readonly got: string;
}

/** An input whose every property was read once. */
export interface Readable {
  readonly value: unknown;
  readonly unreadable: readonly Unreadable[];
}

const DEEPEST = 16;

/**
 * Reads lists and data of an input once, so that later reads neither throw nor differ. What a factory made stays itself,
 * since a copy of it has no brand; so do constructs and other instances of classes.
 */
export function readOnce(input: unknown): Readable {
  const unreadable: Unreadable[] = [];
  const copy = (value: unknown, path: readonly PropertyKey[], above: readonly unknown[]): unknown => {
    if (typeof value !== "object" || value === null) return value;
    try {
      const isList = Array.isArray(value);
      if (!isList && (!isPlainObject(value) || brandOf(value) !== undefined)) return value;
      if (above.includes(value)) {
        unreadable.push({ path, got: "one that holds itself" });
        return undefined;
      }
      if (above.length >= DEEPEST) {
        unreadable.push({ path, got: `more than ${DEEPEST} levels of it` });
        return undefined;
      }
      const inside = [...above, value];
      if (isList) return Array.from({ length: value.length }, (_, index) => copyOf(value, index, path, inside));
      return Object.fromEntries(Object.keys(value).map((key) => [key, copyOf(value, key, path, inside)]));
    } catch {
      unreadable.push({ path, got: "an object that throws when it is read" });
      return undefined;
    }
  };
  const copyOf = (
    holder: object,
    key: PropertyKey,
    path: readonly PropertyKey[],
    above: readonly unknown[],
  ): unknown => {
    let item: unknown;
    try {
      item = (holder as Readonly<Record<PropertyKey, unknown>>)[key];
    } catch {
      unreadable.push({ path: [...path, key], got: "a property that throws when it is read" });
      return undefined;
    }
    return copy(item, [...path, key], above);
  };
  return { value: copy(input, [], []), unreadable };
}

/**
 * An input with further properties. What cannot be read, or is no object, is left as it is, so that it is refused like any
 * other input, and its properties are not read here.
 */
export function extended<T extends object, U extends object>(given: T, further: U): T & U {
  if (typeof given !== "object" || given === null) return given;
  try {
    if (Array.isArray(given)) return given as T & U;
    const descriptors: PropertyDescriptorMap = {};
    for (const key of Object.keys(given)) {
      descriptors[key] = { enumerable: true, get: () => (given as Readonly<Record<string, unknown>>)[key] };
    }
    for (const [key, value] of Object.entries(further)) descriptors[key] = { enumerable: true, value };
    return Object.defineProperties({}, descriptors) as T & U;
  } catch {
    return given as T & U;
  }
}
