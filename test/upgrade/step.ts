import type { Pair } from "./pair.js";

/** The nodes of a round: which is upgraded first. */
export interface Roles {
  readonly first: string;
  readonly second: string;
}

/** What a step has done, for what was seen meanwhile to be held against it. */
export interface Done {
  /** How often the virtual addresses must have moved. */
  readonly moves: number;
  /** What agents said of changes. */
  readonly said?: string;
}

/** A part of the way to this version or back. */
export interface Step {
  /** What bounds and figures call it, whatever the nodes. */
  readonly name: string;
  readonly title: (roles: Roles) => string;
  readonly run: (pair: Pair, roles: Roles) => Promise<Done>;
}

/** Fails unless something is so. */
export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
