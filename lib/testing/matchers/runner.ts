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
  /** jest: the name of the running test if it is concurrent; from 30.5 on of every test. */
  readonly currentConcurrentTestName?: () => string | undefined;
  /** jest from 30.5 on: the running test. */
  readonly currentTestIdentity?: () => { readonly concurrent?: boolean } | undefined;
  /** vitest: the running test, and what it calls when it ends. */
  readonly task?: { readonly concurrent?: boolean; onFinished?: (() => void)[] };
}

/**
 * Fails the running test if it ends before an asynchronous matcher: its promise was not awaited. Where the runner does not
 * tell the test (outside of a test, in vitest 3, among tests that run concurrently), nothing is judged.
 */
export async function untilEndOfTest<T>(state: unknown, matcher: string, work: Promise<T>): Promise<T> {
  const runner = (state ?? {}) as RunnerState;
  if (isConcurrent(runner)) return work;
  const { task, suppressedErrors } = runner;
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

/** Tells whether the matcher may belong to another test: concurrent tests share the state of jest, and `expect` of vitest. */
function isConcurrent({ task, currentTestIdentity, currentConcurrentTestName }: RunnerState): boolean {
  if (task !== undefined) return task.concurrent === true;
  if (currentTestIdentity !== undefined) return currentTestIdentity()?.concurrent === true;
  return currentConcurrentTestName?.() !== undefined;
}
