import { type Diagnostic, failure } from "../protocol/messages.js";
import { isArray, isObject, type Value, type ValueObject } from "../protocol/value.js";
import type { Field, Fields } from "./schema.js";

/** Applies the validators of a schema to a configuration. */
export function validateConfig(fields: Fields, config: ValueObject): readonly Diagnostic[] {
  return Object.entries(fields).flatMap(([name, field]) => validateField(field, config[name] ?? null));
}

function validateField(field: Field, value: Value): readonly Diagnostic[] {
  if (field.kind === "block") {
    const elements = isArray(value) ? value : [value];
    return elements.filter(isObject).flatMap((element) => validateConfig(field.fields, element));
  }
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return [];
  const wrong = field.validate?.(value);
  return wrong === undefined ? [] : [failure(wrong, wrong)];
}
