/** A text without the path of this repository, which says nothing to others. */
export function withoutRoot(text: string, root = process.cwd()): string {
  return text.replaceAll(`${root}/`, "");
}
