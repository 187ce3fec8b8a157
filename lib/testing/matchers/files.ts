import { agrees, expectedText, shown } from "./expected.js";
import { hasPlace } from "./lines.js";
import { listed } from "./nearest.js";
import { type PlaceWords, placesOf } from "./place.js";
import { type MatcherResult, verdict } from "./runner.js";
import { nodeUnderTest } from "./subject.js";

/** Judges whether the release has a file, and what is in it. */
export function toHaveFile(received: unknown, path: unknown, ...content: unknown[]): MatcherResult {
  const { name, files } = nodeUnderTest(received, "toHaveFile");
  const words: PlaceWords = { matcher: "toHaveFile", noun: "file", holder: `the release of node "${name}"` };
  const places = [...files].map(([title, value]) => ({ title, value }));
  if (content.length === 0) return hasPlace(places, path, words);

  const expected = expectedText(content[0], "toHaveFile", "content");
  const candidates = placesOf(places, path, words);
  const found = candidates.find(({ value }) => agrees(expected, value));
  if (found !== undefined) {
    return verdict(true, `file ${found.title} of node "${name}" has the content ${shown(expected)}`);
  }
  const [first] = candidates;
  if (candidates.length > 1 || first === undefined) {
    return verdict(false, `none of ${candidates.length} files ${shown(path)} of node "${name}" has ${shown(expected)}`);
  }
  if (typeof expected !== "string") {
    const text = `file ${first.title} of node "${name}" does not have the content ${shown(expected)}; it begins with:`;
    return verdict(false, `${text}${listed(first.value.trim().split("\n").slice(0, BEGINNING))}`);
  }
  const difference = listed(firstDifference(expected, first.value));
  return verdict(false, `file ${first.title} of node "${name}" has other content:${difference}`);
}

const BEGINNING = 3;

function firstDifference(expected: string, found: string): string[] {
  const [wanted, got] = [expected.split("\n"), found.split("\n")];
  const at = wanted.findIndex((line, index) => line !== got[index]);
  const index = at === -1 ? wanted.length : at;
  const show = (line: string | undefined) => (line === undefined ? "the end" : shown(line));
  return [`line ${index + 1}, expected: ${show(wanted[index])}`, `line ${index + 1}, found:    ${show(got[index])}`];
}
