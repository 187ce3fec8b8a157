import type { Problem } from "../core/errors.js";

/** Why a daemon's file cannot hold a word or a line: a problem without its place. */
export type Refusal = Pick<Problem, "code" | "message">;

/** Formats a word for a message: quoted, control characters escaped, truncated if long. */
export function shown(word: string): string {
  return JSON.stringify(word.length > 60 ? `${word.slice(0, 60)}...` : word);
}

/**
 * Refuses characters that no daemon's file can hold in a word: control characters (a newline would start a new
 * directive) and unpaired surrogates, which UTF-8 cannot encode. The message omits the word: it may be a secret.
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
    message: `is no keyword of ${where}: ${shown(keyword)}${near.length > 0 ? `, similar keywords: ${near.join(", ")}` : ""}`,
  };
}
