import { readFileSync, type Stats, statSync } from "node:fs";
import type { InputCode } from "../core/codes/index.js";
import type { Secret } from "../model/secret.js";
import type { Report } from "../terraform/parse.js";

/** No secret is larger. */
const LARGEST = 1_048_576;

/**
 * The text of a secret that is a file of this machine, byte by byte; undefined for others, for a file that is not there,
 * and, reported, for what is no file. Terraform reads it again, perhaps on another machine, and says itself what is missing
 * there.
 */
export function localText(
  secret: Secret,
  path: readonly PropertyKey[],
  code: InputCode,
  report: Report,
): { readonly text: string; readonly file: string } | undefined {
  if (secret.kind !== "local-file") return undefined;
  const found = statusOf(secret.path);
  if (found === undefined) return undefined;
  const file = JSON.stringify(secret.path);
  if (!found.isFile() || found.size > LARGEST) {
    const got = found.isFile() ? `one of ${found.size} bytes` : found.isDirectory() ? "a directory" : "something else";
    report(code, path, `must be a file of at most ${LARGEST} bytes, got ${got} at ${file}`);
    return undefined;
  }
  try {
    return { text: readFileSync(secret.path, "latin1"), file };
  } catch {
    return undefined;
  }
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
