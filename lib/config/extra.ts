/** The texts of the comments before and after lines that a user gave in `extra`. */
const MARKS = ["extra, not known to cdktf-dns-lb:", "end of extra"] as const;

/** Puts lines between two comments that mark them as `extra`; no lines stay none. `comment` begins a comment. */
export function markedExtra(lines: readonly string[], comment: string): readonly string[] {
  const [before, after] = MARKS;
  return lines.length === 0 ? [] : [`${comment} ${before}`, ...lines, `${comment} ${after}`];
}
