/** An app as plain data, so that it can be drawn, changed, reduced, and kept as a vector. */
export interface Plan {
  readonly steps: readonly Step[];
}

/** A construct of the app. Later steps refer to it by its id. */
export interface Step {
  /** Its class, or `addDnsFrontend` for the method. */
  readonly make: string;
  readonly id: string;
  /** The name of its stack. */
  readonly in: string;
  readonly props: Value;
}

/** A value of a plan: JSON, and the forms below, each an object with one of these keys. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/**
 * `{ $call, with, more }`: the result of a factory. `with` is its options, or the value that it takes;
 * `more` the options beside such a value.
 */
export const call = (name: string, options: Value, more?: Value): Value => ({
  $call: name,
  with: options,
  ...(more === undefined ? {} : { more }),
});

/** `{ $ref }`: the construct of an earlier step. */
export const ref = (id: string): Value => ({ $ref: id });

/** `{ $variable }`: a sensitive Terraform variable of the stack. */
export const variable = (name: string): Value => ({ $variable: name });

/** `{ $token }`: a cdktf token of an attribute of an ephemeral resource. */
export const token = (name: string): Value => ({ $token: name });

/** `{ $file }`: the path of a file that is there. */
export const file = (name: FileName): Value => ({ $file: name });

/** `{ $constant }`: an exported constant. */
export const constant = (name: string): Value => ({ $constant: name });

/** `{ $odd }`: a value that JSON has not. */
export const odd = (name: OddName): Value => ({ $odd: name });

/** The files that are there, see `Files`. */
export type FileName = "authority" | "certificate" | "password" | "tickets" | "zone";

export const ODD = {
  nan: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  undefined: undefined,
  bigint: 53n,
  symbol: Symbol("odd"),
  date: new Date(0),
  hole: new Array(1),
} as const;

export type OddName = keyof typeof ODD;

/** The names of the forms of values. */
export const FORMS = ["$call", "$ref", "$variable", "$token", "$file", "$constant", "$odd"];

/** Tells whether a value is an object of JSON and none of the forms. */
export function isPlain(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && formOf(value) === undefined;
}

/** The key of a form; undefined for JSON. */
export function formOf(value: Value): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return FORMS.find((each) => Object.hasOwn(value, each));
}

/** The ids of the steps that a value refers to. */
export function referencesIn(value: Value): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (!Array.isArray(value) && "$ref" in value) return [String(value["$ref"])];
  return Object.values(value).flatMap(referencesIn);
}
