import type { Report } from "../terraform/parse.js";

/** Reports items of a list that are equal in canonical form. */
export function checkDuplicates(
  property: string,
  list: readonly string[],
  canonical: (item: string) => string,
  report: Report,
): void {
  const canonicalItems = list.map(canonical);
  for (const [index, item] of list.entries()) {
    const same = canonicalItems.indexOf(canonical(item));
    if (same < index)
      report("DNSLB112", [property, index], `must be unique, got "${item}", which is ${property}[${same}] too`);
  }
}
