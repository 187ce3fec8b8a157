import { codes } from "./markdown.js";

/*
 * Which of some things has become which of others, where they have no names: those are taken for the same that differ in little.
 */

/** By what things are compared. */
export interface Traits<T, L extends string> {
  /** Lists of values, whose order says nothing. */
  readonly lists: readonly L[];
  readonly valuesOf: (thing: T, list: L) => readonly string[];
  /** All else. */
  readonly othersOf: (thing: T) => readonly unknown[];
  /** What is equal for things of which a list is another. */
  readonly kindOf: (thing: T) => string;
}

/** A thing before and after. */
export interface Pair<T, L extends string> {
  readonly before: T;
  readonly after: T;
  /** The list in which they differ; they differ in one at most. */
  readonly list?: L;
  /** What the list has got. */
  readonly more: readonly string[];
  /** What it has lost. */
  readonly fewer: readonly string[];
  /** How many of its other traits are others. */
  readonly others: number;
}

/** What has become of some things. */
export interface Paired<T, L extends string> {
  /** Those that are the same or nearly, in their order after the change; each thing is in one pair at most. */
  readonly pairs: readonly Pair<T, L>[];
  readonly added: readonly T[];
  readonly removed: readonly T[];
  /** Whether those that are in pairs have changed places. */
  readonly isMoved: boolean;
}

/** Finds for each thing what it has become; the fewer differences, the better. No two things may be one object. */
export function paired<T, L extends string>(
  before: readonly T[],
  after: readonly T[],
  traits: Traits<T, L>,
): Paired<T, L> {
  const [free, fresh] = [new Set(before), new Set(after)];
  const pairs: Pair<T, L>[] = [];
  const take = (found: readonly Pair<T, L>[]) => {
    for (const pair of found) {
      if (!free.has(pair.before) || !fresh.has(pair.after)) continue;
      free.delete(pair.before);
      fresh.delete(pair.after);
      pairs.push(pair);
    }
  };
  take(equals(before, after, traits));
  take(nearlyEquals([...free], [...fresh], traits));
  const [old, now] = [before, after].map((things) => new Map(things.map((thing, place) => [thing, place])));
  pairs.sort((one, other) => (now?.get(one.after) ?? 0) - (now?.get(other.after) ?? 0));
  const places = pairs.map((pair) => old?.get(pair.before) ?? 0);
  return {
    pairs,
    added: after.filter((thing) => fresh.has(thing)),
    removed: before.filter((thing) => free.has(thing)),
    isMoved: places.some((place, index) => index > 0 && place < (places[index - 1] ?? 0)),
  };
}

/** The first with the first that is equal, the second with the second. */
function equals<T, L extends string>(
  before: readonly T[],
  after: readonly T[],
  traits: Traits<T, L>,
): readonly Pair<T, L>[] {
  const keyOf = (thing: T) => JSON.stringify([traits.othersOf(thing), listsOf(thing, traits)]);
  const old = byKey(before, (thing) => [keyOf(thing)]);
  const taken = new Map<string, number>();
  return after.flatMap((thing) => {
    const key = keyOf(thing);
    const place = taken.get(key) ?? 0;
    taken.set(key, place + 1);
    const found = old.get(key)?.[place];
    return found === undefined ? [] : [{ before: found, after: thing, more: [], fewer: [], others: 0 }];
  });
}

/** Pairs of which each thing may be in several, those with the fewest differences first. */
function nearlyEquals<T, L extends string>(
  before: readonly T[],
  after: readonly T[],
  traits: Traits<T, L>,
): readonly Pair<T, L>[] {
  const ofSame = byKey(before, (thing) => [listsOf(thing, traits)]);
  const changed = after.flatMap((thing) =>
    (ofSame.get(listsOf(thing, traits)) ?? []).map((old) => pairOf(old, thing, traits)),
  );
  const listed = traits.lists.flatMap((list) => {
    // A value in common at least: else it is another thing.
    const keysOf = (thing: T) => {
      const key = JSON.stringify([traits.kindOf(thing), listsOf(thing, traits, list)]);
      return traits.valuesOf(thing, list).map((value) => `${key} ${value}`);
    };
    const alike = byKey(before, keysOf);
    return after.flatMap((thing) => {
      const found = new Set(keysOf(thing).flatMap((key) => alike.get(key) ?? []));
      return [...found].map((old) => pairOf(old, thing, traits, list));
    });
  });
  return [...changed, ...listed].sort((one, other) => differences(one) - differences(other));
}

function pairOf<T, L extends string>(before: T, after: T, traits: Traits<T, L>, list?: L): Pair<T, L> {
  const [old, now] = [before, after].map((thing) => traits.othersOf(thing)) as [readonly unknown[], readonly unknown[]];
  const others = old.filter((each, index) => each !== now[index]).length;
  if (list === undefined) return { before, after, more: [], fewer: [], others };
  const had = new Set(traits.valuesOf(before, list));
  const has = new Set(traits.valuesOf(after, list));
  const more = [...has].filter((value) => !had.has(value));
  const fewer = [...had].filter((value) => !has.has(value));
  return { before, after, list, more, fewer, others };
}

function differences({ more, fewer, others }: Pair<unknown, string>): number {
  return more.length + fewer.length + others;
}

/** All lists of a thing but for one. */
function listsOf<T, L extends string>(thing: T, { lists, valuesOf }: Traits<T, L>, left?: L): string {
  return JSON.stringify(lists.map((list) => (list === left ? [] : [...new Set(valuesOf(thing, list))].sort())));
}

function byKey<T>(things: readonly T[], keysOf: (thing: T) => readonly string[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const thing of things) {
    for (const key of keysOf(thing)) {
      const others = found.get(key);
      if (others === undefined) found.set(key, [thing]);
      else others.push(thing);
    }
  }
  return found;
}

/** What a list has got and lost, in words, for texts that leave it out. */
export function listWords({ list, more, fewer }: Pair<unknown, string>): string {
  if (list === undefined) return "";
  const part = (word: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`${word} ${list} ${codes(values)}`];
  return `, ${[...part("with", more), ...part("without", fewer)].join(" and ")}`;
}
