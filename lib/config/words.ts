import type { Problem } from "../core/errors.js";

/** Why a word or a line cannot stand in a daemon's file: a problem that does not know its place yet. */
export type Refusal = Pick<Problem, "code" | "message">;

/** Shows a word in a message: quoted, control characters made visible, cut where it is long. */
export function shown(word: string): string {
  return JSON.stringify(word.length > 60 ? `${word.slice(0, 60)}...` : word);
}

/**
 * Refuses what no daemon's file can hold in a word: control characters, of which a newline would start a directive of
 * its own, and halves of surrogate pairs, which have no UTF-8. The word itself is not shown: it may be a secret.
 */
export function refuseCharacters(word: string): Refusal | undefined {
  const at = word.search(/[\p{Cc}\p{Cs}]/u);
  if (at < 0) return undefined;
  const code = word.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
  return {
    code: "DNSLB801",
    message: `must hold no control character, got U+${code} as character ${at + 1}, remove it`,
  };
}

/** Refuses a keyword that is not on a closed list. */
export function refuseKeyword(keyword: string, where: string, known: readonly string[]): Refusal | undefined {
  if (known.includes(keyword)) return undefined;
  const near = keyword === "" ? [] : known.filter((k) => k.startsWith(keyword.slice(0, 3))).slice(0, 5);
  return {
    code: "DNSLB802",
    message: `is no keyword of ${where}: ${shown(keyword)}${near.length > 0 ? `, near it are ${near.join(", ")}` : ""}`,
  };
}
