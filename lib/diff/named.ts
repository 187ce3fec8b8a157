/** Two lists of things with names, compared by them. */
export interface NamedChanges<T> {
  readonly added: readonly T[];
  readonly removed: readonly T[];
  /** Those that are in both, before and after: of one name, or those that are the same under another one. */
  readonly kept: readonly (readonly [before: T, after: T])[];
}

/**
 * Compares two lists by the names of their things, in the order of the lists.
 *
 * @param sameness - what is equal for a thing that has only got another name
 */
export function compareNamed<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (thing: T) => string,
  sameness: (thing: T) => string | undefined = () => undefined,
): NamedChanges<T> {
  const [old, now] = [before, after].map((list) => new Set(list.map(nameOf)));
  const partners = new Map(after.map((each) => [nameOf(each), each]));
  const fresh = new Map<string, T>();
  for (const each of after) {
    const key = old?.has(nameOf(each)) ? undefined : sameness(each);
    if (key !== undefined && !fresh.has(key)) fresh.set(key, each);
  }
  const kept = before.flatMap((each): (readonly [T, T])[] => {
    const same = partners.get(nameOf(each));
    if (same !== undefined) return [[each, same]];
    const key = sameness(each);
    const renamed = key === undefined ? undefined : fresh.get(key);
    if (key === undefined || renamed === undefined) return [];
    fresh.delete(key);
    return [[each, renamed]];
  });
  const [left, taken] = [new Set(kept.map(([each]) => each)), new Set(kept.map(([, each]) => each))];
  return {
    added: after.filter((each) => !old?.has(nameOf(each)) && !taken.has(each)),
    removed: before.filter((each) => !now?.has(nameOf(each)) && !left.has(each)),
    kept,
  };
}
