import { TestingError } from "../errors.js";
import { agrees, type ExpectedText, expectedText, isRecord, kindOf, shown } from "./expected.js";
import { nearestOf } from "./nearest.js";

/** Something with a title, in which a matcher looks: a section, a file, a server. */
export interface Place<T> {
  readonly title: string;
  /** What messages call it where several have its title. */
  readonly name?: string;
  readonly value: T;
}

/** The words of messages about places. */
export interface PlaceWords {
  readonly matcher: string;
  /** `section` */
  readonly noun: string;
  /** `haproxy.cfg of node "lb1"` */
  readonly holder: string;
}

/**
 * The places that an argument names: one by its title, or all that a pattern matches. Throws when there is none, so that
 * a misspelt place fails a negated expectation, too.
 */
export function placesOf<T, P extends Place<T> = Place<T>>(
  places: readonly P[],
  where: unknown,
  words: PlaceWords,
): readonly P[] {
  const wanted = expectedText(where, words.matcher, words.noun);
  const found = places.filter(({ title }) => agrees(wanted, title));
  if (found.length > 0) return found;
  throw new TestingError(absence(places, wanted, words));
}

/** The message that a place is not there, with the nearest. */
export function absence(places: readonly Place<unknown>[], wanted: ExpectedText, { noun, holder }: PlaceWords): string {
  return `${holder} has no ${noun} ${shown(wanted)}${nearestOf(wanted, unique(places.map(({ title }) => title)))}`;
}

/** Refuses a word that is none of a closed list, with the nearest. */
export function knownWord(word: string, known: readonly string[], what: string): void {
  if (!known.includes(word)) throw new TestingError(`${what} ${shown(word)}${nearestOf(word, known)}`);
}

/** Refuses what is no object with expected properties, and properties that there cannot be. */
export function expectedProperties(
  value: unknown,
  matcher: string,
  known?: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new TestingError(`${matcher}() must get properties as an object, got ${kindOf(value)}`);
  for (const key of known === undefined || "asymmetricMatch" in value ? [] : Object.keys(value)) {
    knownWord(key, known ?? [], `${matcher}() knows no property`);
  }
  return value;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
