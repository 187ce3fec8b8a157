import { TestingError } from "../errors.js";
import { agrees, differences, isAsymmetric, shown } from "./expected.js";
import { hasPlace } from "./lines.js";
import { listed } from "./nearest.js";
import { expectedProperties, type Place, type PlaceWords, placesOf } from "./place.js";
import { type MatcherResult, verdict } from "./runner.js";

/**
 * Judges whether there is a thing of some name and, where properties are given, whether one of that name has them.
 * Given properties make the name a place: then it must be there, also when the expectation is negated.
 */
export function hasProperties(
  places: readonly Place<unknown>[],
  where: unknown,
  given: readonly unknown[],
  words: PlaceWords,
  known?: readonly string[],
): MatcherResult {
  if (given.length === 0) return hasPlace(places, where, words);
  const expected = expectedProperties(given[0], words.matcher, known);
  if (!isAsymmetric(expected) && Object.keys(expected).length === 0) {
    throw new TestingError(`${words.matcher}() got no properties: leave {} out`);
  }
  const candidates = placesOf(places, where, words);
  const subject = `${words.noun} ${shown(candidates[0]?.title)} in ${words.holder}`;
  const found = candidates.find(({ value }) => agrees(expected, value));
  if (found !== undefined) {
    return verdict(true, `${words.noun} ${shown(found.title)} in ${words.holder} has ${shown(expected)}`);
  }
  if (candidates.length === 1) {
    return verdict(
      false,
      `${subject} is not as expected:${listed(differences(expected, candidates[0]?.value).slice(0, MOST))}`,
    );
  }
  // The one that differs in the fewest places.
  const [nearest] = candidates
    .map(({ title, name = title, value }) => ({ name, differs: differences(expected, value) }))
    .sort((a, b) => a.differs.length - b.differs.length);
  const text = `none of ${candidates.length} ${words.noun}s ${shown(where)} in ${words.holder} has ${shown(expected)}`;
  const differs = nearest?.differs.slice(0, MOST) ?? [];
  return verdict(false, `${text}; the nearest, ${nearest?.name}:${listed(differs)}`);
}

const MOST = 5;
