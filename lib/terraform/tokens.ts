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
export function tokenPathsIn(value: unknown): readonly (readonly PropertyKey[])[] {
  if (isToken(value)) return [[]];
  const parts: Iterable<readonly [PropertyKey, unknown]> = Array.isArray(value)
    ? value.entries()
    : isPlainObject(value) && brandOf(value)?.kind !== "Secret"
      ? Object.entries(value)
      : [];
  const found: (readonly PropertyKey[])[] = [];
  for (const [key, part] of parts) for (const path of tokenPathsIn(part)) found.push([key, ...path]);
  return found;
}

/** Tells whether a value is data written as `{ ... }`, and no instance of a class such as a construct. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
