import { TestingError } from "../errors.js";

/** The result of a matcher, for vitest and jest. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The result of a matcher whose message is the same for both of its failures. */
export function verdict(pass: boolean, text: string): MatcherResult {
  return { pass, message: () => text };
}

/** What is used of the state that vitest and jest bind a matcher to. */
interface RunnerState {
  /** jest: errors that fail the running test when it ends. */
  readonly suppressedErrors?: Error[];
  /** vitest: the running test, and what it calls when it ends. */
  readonly task?: { onFinished?: (() => void)[] };
}

/**
 * Fails the running test if it ends before an asynchronous matcher: its promise was not awaited. Where the runner does not
 * tell the test (outside of a test, in vitest 3), nothing is judged.
 */
export async function untilEndOfTest<T>(state: unknown, matcher: string, work: Promise<T>): Promise<T> {
  const { task, suppressedErrors } = (state ?? {}) as RunnerState;
  const forgotten = new TestingError(
    `${matcher}() had not ended when its test did: write "await expect(...).${matcher}()"`,
  );
  let ended = false;
  if (task !== undefined) {
    task.onFinished ??= [];
    task.onFinished.push(() => {
      if (!ended) throw forgotten;
    });
  } else suppressedErrors?.push(forgotten);
  try {
    return await work;
  } finally {
    ended = true;
    const at = suppressedErrors?.indexOf(forgotten) ?? -1;
    if (at >= 0) suppressedErrors?.splice(at, 1);
  }
}
