import { hasUnknown, isArray, isZero, type Value, type ValueObject } from "../protocol/value.js";
import type { Field, Fields } from "./schema.js";

/**
 * Makes the state after an apply: what was planned and known wins over what was read where the SDK
 * cannot tell them apart, so a difference between the two shows at the next refresh only.
 */
export function settle(fields: Fields, planned: ValueObject, read: ValueObject): ValueObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      return [name, settleField(field, planned[name] ?? null, read[name] ?? null)];
    }),
  );
}

function settleField(field: Field, planned: Value, read: Value): Value {
  if (hasUnknown(planned)) return read;
  if (field.kind === "block" && field.nesting === "single") return planned;
  const collection = isArray(planned) || isArray(read) || field.kind === "map";
  if (collection && isZero(planned) && isZero(read)) return planned;
  const isSet = field.kind === "set" || (field.kind === "block" && field.nesting === "set");
  if (isSet && planned !== null) return planned;
  return read ?? planned;
}
