/** What a code of a problem stands for; `docs/errors.md` is made from these. */
export interface CodeEntry {
  /** What is wrong, in a few words; it completes "DNSLB104:". */
  readonly title: string;
  /** What the check looks at, and what would happen without it. */
  readonly meaning: string;
  /** What to do about it. */
  readonly fix: string;
  /** Errors stop the synthesis; warnings are printed by it. */
  readonly severity: "error" | "warning";
}
