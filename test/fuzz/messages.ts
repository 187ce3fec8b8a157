/** What the main process asks a worker for. */
export interface Task {
  readonly run: number;
}

/** How far a run got, and what became of it. */
export type Report =
  /** The app is drawn, synthesized and compiled; from here on daemons work. */
  | { readonly kind: "synthesized"; readonly run: number }
  /** What was found; the smallest plan that shows it is looked for now. */
  | { readonly kind: "found"; readonly run: number; readonly text: string }
  | { readonly kind: "done"; readonly outcome: Outcome };

/** What became of a run. */
export interface Outcome {
  readonly run: number;
  readonly kind: "refused" | "accepted" | "finding";
  /** The codes of the refusal. */
  readonly codes: readonly string[];
  /** What was found. */
  readonly text: string;
  /** The properties of the API that the plan gives, as `titleOf()` names them. */
  readonly drawn: readonly string[];
  /** What was started: the frontends that answered. */
  readonly answered: number;
  /** Why it was not started, or was not asked. */
  readonly notStarted: readonly string[];
}
