import { timeText } from "./words.js";

/** A kind of failure. */
export interface Detection {
  readonly failure: string;
  /** The terms of the sum, as settings: `3 × 3s (interval) + 2s (timeout)`. */
  readonly arithmetic: string;
  /** Milliseconds; absent where no setting bounds it. */
  readonly longest?: number;
  /** What happens then. */
  readonly outcome: string;
}

/** The longest time of a failure in words. */
export function longestText({ longest }: Detection): string {
  return longest === undefined ? "not bounded by a setting" : `at most ${timeText(longest)}`;
}
