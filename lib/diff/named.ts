/** Two lists of things with names, compared by them. */
export interface NamedChanges<T> {
  readonly added: readonly T[];
  readonly removed: readonly T[];
  /** Those with one name, before and after. */
  readonly kept: readonly (readonly [before: T, after: T])[];
}

/** Compares two lists by the names of their things, in the order of the lists. */
export function compareNamed<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (thing: T) => string,
): NamedChanges<T> {
  const [old, now] = [before, after].map((list) => new Map(list.map((each) => [nameOf(each), each])));
  return {
    added: after.filter((each) => !old?.has(nameOf(each))),
    removed: before.filter((each) => !now?.has(nameOf(each))),
    kept: before.flatMap((each) => {
      const same = now?.get(nameOf(each));
      return same === undefined ? [] : [[each, same] as const];
    }),
  };
}
