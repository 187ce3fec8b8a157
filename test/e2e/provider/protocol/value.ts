import { decode, ExtData, ExtensionCodec, encode } from "@msgpack/msgpack";
import type { DynamicValue } from "./messages.js";

/** Stands for a value that Terraform will know only after an apply. */
export class Unknown {
  readonly kind = "unknown";
}

export const UNKNOWN = new Unknown();

/** A value of Terraform: what configuration, state and plan consist of. */
export type Value = null | string | number | boolean | Unknown | readonly Value[] | ValueObject;

export interface ValueObject {
  readonly [name: string]: Value;
}

// Unknown values are extension 0, or 12 where Terraform adds what it knows already.
const codec = new ExtensionCodec();
for (const type of [0, 12]) {
  codec.register({ type, encode: () => null, decode: () => UNKNOWN });
}
const WIRE_UNKNOWN = new ExtData(0, new Uint8Array([0]));

export function decodeValue(wire: DynamicValue): Value {
  if (wire.msgpack === undefined || wire.msgpack.length === 0) return null;
  return toValue(decode(wire.msgpack, { extensionCodec: codec }));
}

export function encodeValue(value: Value): DynamicValue {
  return { msgpack: Buffer.from(encode(toWire(value))) };
}

/** Takes a plain JavaScript value, as JSON or msgpack give it, for a value of Terraform. */
export function toValue(plain: unknown): Value {
  if (plain === null || plain === undefined) return null;
  if (typeof plain === "string" || typeof plain === "number" || typeof plain === "boolean") return plain;
  if (plain instanceof Unknown) return plain;
  if (Array.isArray(plain)) return plain.map(toValue);
  if (typeof plain === "object") {
    return Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, toValue(value)]));
  }
  throw new Error(`no value of Terraform: ${typeof plain}`);
}

export function isObject(value: Value | undefined): value is ValueObject {
  return typeof value === "object" && value !== null && !isArray(value) && !(value instanceof Unknown);
}

export function isArray(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** Tells whether any part of a value is not known yet. */
export function hasUnknown(value: Value): boolean {
  if (value instanceof Unknown) return true;
  if (isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** Tells whether a value is what an attribute that nobody set reads as. */
export function isZero(value: Value): boolean {
  if (value === null || value === "" || value === 0 || value === false) return true;
  if (isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** One text per value: equal values, equal texts. */
export function canonical(value: Value): string {
  if (value instanceof Unknown) return "<unknown>";
  if (isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${canonical(entry)}`).join()}}`;
}

function toWire(value: Value): unknown {
  if (value instanceof Unknown) return WIRE_UNKNOWN;
  if (isArray(value)) return value.map(toWire);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, toWire(entry)]));
}
