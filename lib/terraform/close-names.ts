/** Finds the names that a misspelt one may have meant, closest first. */
export function closeNames(misspelt: string, names: readonly string[]): readonly string[] {
  const wanted = misspelt.toLowerCase().replace(/[-_]/g, "");
  return names
    .map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.ceil(name.length / 3) || sharesStart(wanted, name.toLowerCase()))
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
}

function sharesStart(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 4 && (a.startsWith(b) || b.startsWith(a));
}

/** Levenshtein's edit distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
