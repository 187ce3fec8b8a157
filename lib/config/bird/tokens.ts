import { type Refusal, shown } from "../words.js";

/** A word, a text without its quotes, or a mark such as `;` or `&&`. */
export interface BirdToken {
  readonly kind: "word" | "text" | "mark";
  readonly text: string;
  readonly line: number;
  /** Nothing but white space stands before it on its line. */
  readonly first: boolean;
}

/** White space, comments, and what a token may be. A word is also a number, an address or a prefix. */
const SPACE = /^(?:[ \t\r\f\v]+|#[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)/;
const TOKEN = /^(?:"([^"\n]*)"|((?:[A-Za-z0-9_.:]|\/(?=\d))+)|(!=|!~|<=|>=|&&|\|\||[{}()[\];,=<>~!+-]))/;

/** Splits bird.conf into its tokens; what is none is told by the line. */
export function splitTokens(text: string): readonly BirdToken[] | (Refusal & { readonly line: number }) {
  const tokens: BirdToken[] = [];
  let line = 1;
  let first = true;
  for (let rest = text; rest !== ""; ) {
    if (rest.startsWith("\n")) {
      line++;
      first = true;
      rest = rest.slice(1);
      continue;
    }
    const [space] = SPACE.exec(rest) ?? [];
    if (space !== undefined) {
      line += space.split("\n").length - 1;
      rest = rest.slice(space.length);
      continue;
    }
    const [match, quoted, word, mark] = TOKEN.exec(rest) ?? [];
    if (match === undefined) {
      return { code: "DNSLB805", message: unreadable(rest), line };
    }
    if (quoted !== undefined) tokens.push({ kind: "text", text: quoted, line, first });
    else if (word !== undefined) tokens.push({ kind: "word", text: word, line, first });
    else tokens.push({ kind: "mark", text: mark ?? "", line, first });
    first = false;
    rest = rest.slice(match.length);
  }
  return tokens;
}

/** What is wrong with a text that begins with no token. A text in quotes is not repeated: it may be a password. */
function unreadable(text: string): string {
  if (text.startsWith('"')) return "must close its quote";
  if (text.startsWith("/*")) return "must close its comment";
  return `has a character that BIRD does not know: ${shown(text.charAt(0))}`;
}
