/** Documents the code of a problem; `docs/errors.md` is generated from these entries. */
export interface CodeEntry {
  /** What is wrong, in a few words: lower-case start, no final period. */
  readonly title: string;
  /** What the check looks at, and what would happen without it. */
  readonly meaning: string;
  /** What to do about it. */
  readonly fix: string;
  /** Errors stop the synthesis; warnings are printed by it. */
  readonly severity: "error" | "warning";
}
