import { agrees, expectedLine, expectedText, shortened, shown } from "./expected.js";
import { byNearness, differenceIn, listed } from "./nearest.js";
import { absence, knownWord, type Place, type PlaceWords, placesOf } from "./place.js";
import { type MatcherResult, verdict } from "./runner.js";

/** Judges whether there is a section. */
export function hasPlace(places: readonly Place<unknown>[], where: unknown, words: PlaceWords): MatcherResult {
  const wanted = expectedText(where, words.matcher, words.noun);
  const found = places.find(({ title }) => agrees(wanted, title));
  if (found === undefined) return verdict(false, absence(places, wanted, words));
  return verdict(true, `${words.holder} has the ${words.noun} ${shown(found.title)}`);
}

/** A section: the words that its lines may begin with, where they are a closed list, and its lines. */
export interface Section extends Place<readonly string[]> {
  readonly words?: readonly string[] | undefined;
}

/**
 * Judges whether a section has a line; where a pattern names several, whether one of them has. Refuses a line that none
 * of them can hold.
 */
export function hasLine(
  sections: readonly Section[],
  where: unknown,
  expected: unknown,
  words: PlaceWords,
): MatcherResult {
  const line = expectedLine(expected, words.matcher);
  const places = placesOf<readonly string[], Section>(sections, where, words);
  if (typeof line === "string") refuseImpossible(line, places, words);
  const lines = places.flatMap(({ title, value }) => value.map((text) => ({ title, text })));
  const found = lines.find(({ text }) => agrees(line, text));
  if (found !== undefined) {
    const pattern = typeof line === "string" ? "" : `, which matches ${shown(line)}`;
    return verdict(
      true,
      `${words.noun} "${found.title}" in ${words.holder} has the line ${shown(found.text)}${pattern}`,
    );
  }
  const [first] = places;
  const titles = new Set(places.map(({ title }) => title));
  const subject = titles.size === 1 ? `${words.noun} "${first?.title}"` : `none of ${titles.size} ${words.noun}s`;
  const has = titles.size === 1 ? "has no line" : "has a line";
  const text = `${subject} in ${words.holder} ${has} ${shown(line)}`;
  const [nearest] = byNearness(line, lines, (each) => each.text);
  if (nearest === undefined) return verdict(false, `${text}; there is no line`);
  const place = titles.size === 1 ? "" : ` ("${nearest.title}")`;
  const difference = differenceIn(line, nearest.text);
  return verdict(
    false,
    `${text}; the nearest of ${lines.length}${place}:${listed([shortened(nearest.text), ...(difference ? [difference] : [])])}`,
  );
}

function refuseImpossible(line: string, sections: readonly Section[], { noun, holder }: PlaceWords): void {
  const lists = sections.map(({ words }) => words);
  if (lists.some((list) => list === undefined)) return;
  const known = [...new Set(lists.flatMap((list) => list ?? []))];
  const title = sections.length === 1 ? ` "${sections[0]?.title}"` : "";
  knownWord(line.split(" ", 1)[0] ?? "", known, `no line of ${noun}${title} in ${holder} can begin with`);
}
