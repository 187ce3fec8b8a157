import { z } from "zod";
import type { InputCode } from "../core/codes/index.js";
import { isPlainObject } from "./tokens.js";

/**
 * A schema that accepts a `T` and gives it back unchanged. The marker makes `Field` exact: a schema for less or for
 * more than the documented type does not compile, so the two cannot drift apart.
 */
export interface Field<T> extends z.ZodType<T, T> {
  readonly exact?: (value: T) => T;
}

/** A property that may be left out. */
export type OptionalField<T> = z.ZodOptional<Field<T>>;

/** The schemas of all properties of `T`, optional where the property is. */
export type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? OptionalField<Exclude<T[K], undefined>> : Field<T[K]>;
};

/** What a value must be. */
export interface FieldRule {
  readonly code: InputCode;
  /** Completes "must be ...". */
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
  /** How to mend this very value, where that is plain to see. */
  readonly fix?: (value: unknown) => string | undefined;
  /** The type of what is accepted, if it is a plain one. A wrong value of the right type stops no further checks. */
  readonly type?: "string" | "number";
  /** Keeps the value out of the message. */
  readonly secret?: boolean;
}

/** Makes the schema of a single value. */
export function field<T>(rule: FieldRule): Field<T> {
  return z.unknown().superRefine((value, context) => judge(rule, value, [], context)) as z.ZodType as Field<T>;
}

/** Makes a property optional. */
export function optional<T>(schema: Field<T>): OptionalField<T> {
  return schema.optional() as OptionalField<T>;
}

/** Makes the schema of a list. */
export function listOf<T>(schema: Field<T>): Field<readonly T[]> {
  return z.array(schema) as z.ZodType as Field<readonly T[]>;
}

/** Makes the schema of an object that has these properties and no others. */
export function object<T>(shape: Shape<T>): Field<T> {
  return z.strictObject(shape as Readonly<Record<string, z.ZodType>>) as z.ZodType as Field<T>;
}

/** Makes the schema of a construct, or of an object of properties in its place: what is neither is read as the object. */
export function constructOr<C, T>(construct: Field<C>, properties: Field<T>): Field<C | T> {
  // What is no construct must not count as nearly right, or zod would report that alone.
  const judged = z.unknown().superRefine((value, context) => {
    if (!construct.safeParse(value).success) context.addIssue({ code: "custom", message: "", continue: false });
  });
  return z.union([judged, properties]) as z.ZodType as Field<C | T>;
}

/** Makes the schema of a choice; the record must name every choice. */
export function oneOf<T extends string>(choices: Readonly<Record<T, true>>): Field<T> {
  const names = Object.keys(choices);
  const quoted = names.map((name) => JSON.stringify(name));
  return field<T>({
    code: "DNSLB103",
    type: "string",
    allowed: names.length > 3 ? `one of ${quoted.join(", ")}` : quoted.join(" or "),
    accepts: (value) => typeof value === "string" && names.includes(value),
  });
}

function judge(rule: FieldRule, value: unknown, path: PropertyKey[], context: z.RefinementCtx): void {
  if (value === undefined) {
    context.addIssue({
      code: "custom",
      path,
      message: `is required: ${rule.allowed}`,
      params: { code: "DNSLB102", shape: true },
    });
  } else if (!rule.accepts(value)) {
    const fix = rule.fix?.(value);
    context.addIssue({
      code: "custom",
      path,
      message: `must be ${rule.allowed}, got ${rule.secret ? nameOfType(value) : show(value)}${fix ? `; ${fix}` : ""}`,
      params: { code: rule.code, shape: typeof value !== rule.type },
    });
  }
}

/** Prints a value that is wrong, cut to the length of a line. */
export function show(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !isPlainObject(value)) {
    return nameOfType(value);
  }
  const text = JSON.stringify(value) ?? nameOfType(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function nameOfType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? `an object of ${value.constructor?.name ?? "no class"}` : `a ${typeof value}`;
}
