import type { Report } from "../terraform/parse.js";

/** Reports items of a list that are equal in canonical form. */
export function checkDuplicates(
  property: string,
  list: readonly string[],
  canonical: (item: string) => string,
  report: Report,
): void {
  const firsts = firstEqual(list.map(canonical));
  for (const [index, item] of list.entries()) {
    const same = firsts[index];
    if (same !== undefined) {
      report("DNSLB112", [property, index], `must be unique, got "${item}", which is ${property}[${same}] too`);
    }
  }
}

/** For each item of a list the index of the first that is equal; undefined for the first itself. */
export function firstEqual(items: readonly string[]): readonly (number | undefined)[] {
  const firsts = new Map<string, number>();
  return items.map((item, index) => {
    const first = firsts.get(item);
    if (first === undefined) firsts.set(item, index);
    return first;
  });
}
