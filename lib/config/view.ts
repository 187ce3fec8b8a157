import { UnscopedValidationError } from "../core/errors.js";

/** The first line of a section or block: its keyword, and its name if it has one. */
export function titleOf(keyword: string, name: string | undefined): string {
  return name === undefined ? keyword : `${keyword} ${name}`;
}

/** The error for a part that a file does not have; lists those that it has. */
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
