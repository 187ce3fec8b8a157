import type { Report } from "../terraform/parse.js";

/** Reports what stands twice in a list, whatever its spelling. */
export function checkDuplicates(
  property: string,
  list: readonly string[],
  spelling: (item: string) => string,
  report: Report,
): void {
  const spelt = list.map(spelling);
  for (const [index, item] of list.entries()) {
    const same = spelt.indexOf(spelling(item));
    if (same < index)
      report("DNSLB112", [property, index], `must be unique, got "${item}", which is ${property}[${same}] too`);
  }
}
