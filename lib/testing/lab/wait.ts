import { LabTimeout } from "./errors.js";

/** Options for `waitFor()`. */
export interface WaitOptions {
  /** The condition in words, for the error. */
  readonly what: string;
  /** Milliseconds. */
  readonly timeout: number;
  /**
   * Milliseconds between two polls.
   *
   * @default 20
   */
  readonly every?: number;
}

/** Polls until a condition holds. */
export async function waitFor(condition: () => boolean | Promise<boolean>, options: WaitOptions): Promise<void> {
  const { what, timeout, every = 20 } = options;
  const end = performance.now() + timeout;
  while (!(await condition())) {
    if (performance.now() > end) throw new LabTimeout(what, timeout);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
