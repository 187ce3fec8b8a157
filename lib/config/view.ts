import { UnscopedValidationError } from "../core/errors.js";

/** What the first line of a part says: its keyword, and its name where it has one. */
export function titleOf(keyword: string, name: string | undefined): string {
  return name === undefined ? keyword : `${keyword} ${name}`;
}

/** The error of a test that asks a file for a part which it does not have: tells those that it has. */
export function notThere(
  file: string,
  noun: string,
  title: string,
  present: readonly string[],
): UnscopedValidationError {
  const has = present.join(", ") || "none";
  return new UnscopedValidationError([
    { code: "DNSLB807", property: "", message: `${file} has no ${noun} '${title}', it has: ${has}` },
  ]);
}
