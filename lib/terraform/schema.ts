import { z } from "zod";
import type { InputCode } from "../core/codes/index.js";
import { brandOf } from "./brand.js";
import { isPlainObject } from "./tokens.js";

/**
 * A schema that parses the form that users write into the form that is kept. The markers make `Field` exact: a schema
 * for less or more than the documented type does not compile.
 */
export interface Field<Written, Kept = Written, Filled = Written> extends z.ZodType<Kept, Written> {
  readonly exact?: (value: Written) => Written;
  readonly filled?: () => Filled;
}

/** A property that may be left out. */
export type OptionalField<Written, Kept = Written, Filled = Written> = z.ZodOptional<Field<Written, Kept, Filled>>;

/** A property that may be left out and has a default. */
export type DefaultField<Written, Kept = Written, Filled = Written> = z.ZodPrefault<Field<Written, Kept, Filled>>;

/** The schemas of all properties of `T`, optional or with a default where the property is optional. */
export type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K>
    ?
        | OptionalField<Exclude<T[K], undefined>, unknown, unknown>
        | DefaultField<Exclude<T[K], undefined>, unknown, unknown>
    : Field<T[K], unknown, unknown>;
};

/** The value as written, with defaults, valid or not: the input of checks of several properties. */
export type Filled<F> =
  F extends z.ZodOptional<infer G>
    ? Filled<G> | undefined
    : F extends z.ZodPrefault<infer G>
      ? Filled<G>
      : F extends { readonly filled?: () => infer V }
        ? V
        : never;

/** The parsed value that is kept, with defaults. */
export type Kept<F> = F extends z.ZodType<infer V> ? V : never;

type FilledShape<S> = Flat<
  { readonly [K in keyof S as S[K] extends z.ZodOptional ? never : K]: Filled<S[K]> } & {
    readonly [K in keyof S as S[K] extends z.ZodOptional ? K : never]?: Exclude<Filled<S[K]>, undefined>;
  }
>;

type KeptShape<S> = Flat<
  { readonly [K in keyof S as S[K] extends z.ZodOptional ? never : K]: Kept<S[K]> } & {
    readonly [K in keyof S as S[K] extends z.ZodOptional ? K : never]?: Exclude<Kept<S[K]>, undefined>;
  }
>;

type Flat<T> = { [K in keyof T]: T[K] };

/** The rule for a single value. */
export interface FieldRule<Kept = unknown> {
  readonly code: InputCode;
  /** Completes the message "must be ...". */
  readonly allowed: string;
  /** What follows "is required: " where a missing value needs other words. */
  readonly required?: string;
  /** Parses a value; undefined if it is invalid. */
  readonly read: (value: unknown) => Kept | undefined;
  /** How to correct this value, if that is clear. */
  readonly fix?: (value: unknown) => string | undefined;
  /** The message, where "must be ..." does not fit; with a code where that of the rule does not fit either. */
  readonly refusal?: (value: unknown) => string | Refusal | undefined;
  /** The primitive type of valid values. Further checks still run on an invalid value of this type. */
  readonly type?: "string" | "number";
  /** Keeps the value out of the message. */
  readonly secret?: boolean;
}

/** A message with a code of its own. */
export interface Refusal {
  readonly code: InputCode;
  readonly message: string;
}

/** Makes the schema of a single value that is kept in another form. */
export function parsed<Written, Kept>(rule: FieldRule<Kept>): Field<Written, Kept> {
  const schema = z.unknown().transform((value, { issues }) => {
    const kept = value === undefined ? undefined : attempt(() => rule.read(value));
    if (kept !== undefined) return kept;
    issues.push({ code: "custom", input: value, ...problemOf(rule, value) });
    return z.NEVER;
  });
  return schema as z.ZodType as Field<Written, Kept>;
}

/** Makes the schema of a single value that is kept as it is. */
export function field<T>({
  accepts,
  ...rule
}: Omit<FieldRule, "read"> & { readonly accepts: (value: unknown) => boolean }): Field<T> {
  return parsed<T, T>({ ...rule, read: (value) => (accepts(value) ? (value as T) : undefined) });
}

/** Makes a property optional. */
export function optional<W, K, F>(schema: Field<W, K, F>): OptionalField<W, K, F> {
  return schema.optional();
}

/** Makes a property optional with a default; no other place defines the default. */
export function withDefault<W, K, F>(schema: Field<W, K, F>, value: NoInfer<W>): DefaultField<W, K, F> {
  // A function, because zod would copy a value, and a copy of a factory's value has no brand.
  return schema.prefault(() => value as z.core.util.NoUndefined<W>) as DefaultField<W, K, F>;
}

/** Makes the schema of a list. */
export function listOf<W, K, F>(schema: Field<W, K, F>): Field<readonly W[], readonly K[], readonly F[]> {
  return z.array(schema) as z.ZodType as Field<readonly W[], readonly K[], readonly F[]>;
}

/** Makes the schema of an object that has the properties of `T` and no others: `object<T>()({ ... })`. */
export function object<T>() {
  return <S extends Shape<T>>(
    shape: S & Readonly<Record<Exclude<keyof S, keyof T>, never>>,
  ): Field<T, KeptShape<S>, FilledShape<S>> => {
    const schema = z.strictObject(shape as Readonly<Record<string, z.ZodType>>).transform(withoutUndefined);
    return schema as z.ZodType as Field<T, KeptShape<S>, FilledShape<S>>;
  };
}

/** Removes properties that are undefined. */
function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}

/** Converts the kept value of a schema. */
export function keptAs<W, K, F, L>(schema: Field<W, K, F>, keep: (value: K) => L): Field<W, L, F> {
  return schema.transform(keep) as z.ZodType as Field<W, L, F>;
}

/** Makes the schema of a construct or an object; a value that is neither is checked as the object. */
export function constructOr<C, D, W, K, F>(
  construct: Field<C, D>,
  properties: Field<W, K, F>,
): Field<C | W, D | K, C | F> {
  return z.union([construct, properties]) as z.ZodType as Field<C | W, D | K, C | F>;
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

/** The parts of zod's schemas that are read here. */
interface Definition {
  readonly type: string;
  readonly in?: z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly shape?: Readonly<Record<PropertyKey, z.core.$ZodType>>;
  readonly defaultValue?: unknown;
}

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as Definition;
}

/** Adds defaults to a value, and leaves all else as it is, valid or not. */
export function fillIn(schema: z.core.$ZodType, value: unknown): unknown {
  const { innerType, in: input, element, options, shape, defaultValue } = definitionOf(schema);
  const inner = innerType ?? input ?? options?.at(-1);
  if (inner) return fillIn(inner, value === undefined ? defaultValue : value);
  if (element && Array.isArray(value)) return value.map((item) => fillIn(element, item));
  if (!shape || typeof value !== "object" || value === null || Array.isArray(value)) return value;
  // A construct stands for itself; an instance of a user's own class is read as data.
  if (brandOf(value) !== undefined) return value;
  const given = value as Readonly<Record<string, unknown>>;
  const filled = Object.entries(shape).map(([key, property]) => [key, fillIn(property, given[key])] as const);
  return Object.fromEntries(filled.filter(([, each]) => each !== undefined));
}

/** The names of the properties that a schema has at a path. */
export function propertyNames(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const { innerType, in: input, element, options, shape } = definitionOf(schema);
  const inner = innerType ?? input ?? options?.at(-1);
  if (inner) return propertyNames(inner, path);
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(shape ?? {});
  const next = element ?? shape?.[first];
  return next ? propertyNames(next, rest) : [];
}

/** The result of a rule; undefined if the value makes it throw, as proxies and objects without a text do. */
function attempt<T>(judge: () => T): T | undefined {
  try {
    return judge();
  } catch {
    return undefined;
  }
}

function problemOf(rule: FieldRule, value: unknown) {
  if (value === undefined) {
    return { message: `is required: ${rule.required ?? rule.allowed}`, params: { code: "DNSLB102", shape: true } };
  }
  const params = { code: rule.code, shape: typeof value !== rule.type };
  const refusal = attempt(() => rule.refusal?.(value));
  if (typeof refusal === "object") {
    return { message: refusal.message, params: { ...params, code: refusal.code, refused: true } };
  }
  if (refusal !== undefined) return { message: refusal, params: { ...params, refused: true } };
  const fix = attempt(() => rule.fix?.(value));
  const given = rule.secret ? nameOfType(value) : show(value);
  return { message: `must be ${rule.allowed}, got ${given}${fix ? `; ${fix}` : ""}`, params };
}

/** Formats an invalid value for a message, truncated to the length of a line. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = attempt(() => textOf(value)) ?? nameOfType(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !isPlainObject(value)) return undefined;
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner));
}

function nameOfType(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = attempt(() => (Array.isArray(value) ? "a list" : `an object of ${value.constructor.name}`));
  return name ?? "an object of no class";
}
