import { shortened, wordsOf } from "./expected.js";

/** Orders texts by how much they have in common with what is expected, the nearest first. */
export function byNearness<T>(expected: unknown, items: readonly T[], textOf: (item: T) => string): T[] {
  const wanted = pairsOf(wordsOf(expected));
  return items
    .map((item) => ({ item, likeness: likenessOf(wanted, pairsOf(textOf(item))) }))
    .sort((a, b) => b.likeness - a.likeness)
    .map(({ item }) => item);
}

/** The end of a message about something that is not there: what there is instead, the nearest first. */
export function nearestOf(expected: unknown, texts: readonly string[]): string {
  if (texts.length === 0) return "; there is none";
  const near = byNearness(expected, texts, (text) => text).slice(0, FEW);
  const title = texts.length > near.length ? `; the nearest of ${texts.length}:` : "; there is:";
  return `${title}${listed(near)}`;
}

/** How the nearest text differs from the expected one, where that can be said in words of the two. */
export function differenceIn(expected: unknown, found: string): string | undefined {
  if (typeof expected !== "string") return undefined;
  const [wanted, got] = [expected.split(" "), found.split(" ")];
  const most = Math.min(wanted.length, got.length);
  let start = 0;
  while (start < most && wanted[start] === got[start]) start += 1;
  let end = 0;
  while (end < most - start && wanted.at(-1 - end) === got.at(-1 - end)) end += 1;
  if (start + end === 0) return undefined;
  const [missing, extra] = [wanted, got].map((words) => words.slice(start, words.length - end).join(" "));
  if (!missing) return `which has ${quoted(extra)} too`;
  return extra ? `which has ${quoted(extra)} for ${quoted(missing)}` : `which lacks ${quoted(missing)}`;
}

/** Lines below a message. */
export function listed(lines: readonly string[]): string {
  return lines.map((line) => `\n  ${shortened(line)}`).join("");
}

const FEW = 3;

function quoted(text = ""): string {
  return JSON.stringify(shortened(text));
}

/** The pairs of characters of a text with their number. */
function pairsOf(text: string): ReadonlyMap<string, number> {
  const pairs = new Map<string, number>();
  const padded = ` ${text.toLowerCase()} `;
  for (let at = 1; at < padded.length; at += 1) {
    const pair = padded.slice(at - 1, at + 1);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

/** The share of pairs that two texts have in common, between 0 and 1 (Dice's coefficient). */
function likenessOf(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let common = 0;
  let all = 0;
  for (const [pair, count] of a) {
    common += Math.min(count, b.get(pair) ?? 0);
    all += count;
  }
  for (const count of b.values()) all += count;
  return all === 0 ? 0 : (2 * common) / all;
}
