/*
 * Data as settings: one for each leaf, with the path by which people name it.
 */

/** What names a thing in a list of such things, instead of its place. */
const NAMES = ["name", "address"] as const;

/** The settings of some data by path: `pools[resolvers].healthCheck.interval` is `"3s"`. */
export function settingsOf(data: unknown): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  collect(data, "", settings);
  return settings;
}

function collect(data: unknown, path: string, into: Map<string, string>): void {
  if (data === undefined) return;
  if (typeof data !== "object" || data === null) {
    into.set(path, String(data));
  } else if (Array.isArray(data)) {
    collectList(data, path, into);
  } else {
    for (const [key, value] of Object.entries(data)) collect(value, path === "" ? key : `${path}.${key}`, into);
  }
}

function collectList(list: readonly unknown[], path: string, into: Map<string, string>): void {
  const keys = list.map(keyOf);
  const isNamed = keys.every((key) => key !== undefined) && new Set(keys).size === keys.length;
  if (list.length === 0 || list.every((each) => typeof each !== "object")) {
    into.set(path, list.length === 0 ? "none" : list.join(", "));
    return;
  }
  for (const [index, each] of list.entries()) collect(each, `${path}[${isNamed ? keys[index] : index}]`, into);
}

function keyOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const named = value as Readonly<Record<string, unknown>>;
  const key = NAMES.map((name) => named[name]).find((each) => typeof each === "string");
  return key === undefined ? undefined : String(key);
}

/** A setting that differs. */
export interface ChangedSetting {
  readonly path: string;
  /** Absent where it was not there. */
  readonly before?: string;
  /** Absent where it is not there any more. */
  readonly after?: string;
}

/** The settings that differ, sorted by path. */
export function changedSettings(before: unknown, after: unknown): readonly ChangedSetting[] {
  const [old, now] = [settingsOf(before), settingsOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .sort()
    .map((path) => {
      const [was, is] = [old.get(path), now.get(path)];
      return { path, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) };
    });
}
