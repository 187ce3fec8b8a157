import { createHash } from "node:crypto";

/** A short digest of a sequence of texts. */
export function digestOf(...texts: readonly string[]): string {
  const digest = createHash("sha256");
  for (const text of texts) digest.update(`${Buffer.byteLength(text)}:${text}`);
  return digest.digest("hex").slice(0, 16);
}

/** Files in the order of a release. */
export function sortedByPath<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}
