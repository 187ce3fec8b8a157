import { parseDuration } from "./duration.js";

/** Says what is wrong with a value, in the real provider's words. */
export type Validator = (value: string | number | boolean) => string | undefined;

export const atLeast =
  (threshold: number): Validator =>
  (value) =>
    Number(value) < threshold ? `'${value}' cannot be lower than ${threshold}` : undefined;

export const matching =
  (pattern: RegExp): Validator =>
  (value) =>
    pattern.test(String(value)) ? undefined : `'${value}' doesn't match the pattern '${pattern.source}'`;

export const duration: Validator = (value) => {
  const parsed = parseDuration(String(value));
  if (parsed === undefined) return `'${value}' is not a valid duration`;
  return parsed < 0 ? `'${value}' duration must not be negative` : undefined;
};

export const base64: Validator = (value) => {
  const text = String(value);
  const same = Buffer.from(text, "base64").toString("base64") === text;
  return same ? undefined : `'${value}' is not base64 decodeable`;
};

export const absolutePath: Validator = (value) =>
  /^[a-zA-Z]:[\\/]|^\//.test(String(value)) ? undefined : `'${value}' must be an absolute path`;
