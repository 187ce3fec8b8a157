import { Token } from "cdktf";
import { brandOf } from "./brand.js";

/** Tells whether a value is or holds a cdktf token. */
export function isToken(value: unknown): boolean {
  try {
    return Token.isUnresolved(value);
  } catch {
    // A proxy that throws is none.
    return false;
  }
}

/**
 * Finds the cdktf tokens in plain data, as paths of keys. Searches lists and plain objects only, and not secrets, which
 * may hold one.
 */
export function tokenPathsIn(value: unknown, path: readonly PropertyKey[] = []): readonly (readonly PropertyKey[])[] {
  if (isToken(value)) return [path];
  if (Array.isArray(value)) return value.flatMap((item, index) => tokenPathsIn(item, [...path, index]));
  if (!isPlainObject(value) || brandOf(value)?.kind === "Secret") return [];
  return Object.entries(value).flatMap(([key, item]) => tokenPathsIn(item, [...path, key]));
}

/** Tells whether a value is data written as `{ ... }`, and no instance of a class such as a construct. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
