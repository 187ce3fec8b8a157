import type { MatcherResult } from "../../../lib/testing/matchers.js";

type Matcher = (this: unknown, received: unknown, ...args: never[]) => MatcherResult | Promise<MatcherResult>;

/**
 * What of jest the matchers meet: `expect` binds a matcher to the state of the running test, and errors that stand in
 * `suppressedErrors` when the test ends fail it.
 */
export class FakeJest {
  #suppressedErrors: Error[] = [];

  /** `state` is what a version of jest tells a matcher beside. */
  constructor(
    readonly matchers: Readonly<Record<string, Matcher>>,
    readonly state: Readonly<Record<string, unknown>> = {},
  ) {}

  /** Calls a matcher as `expect(received)[.not].name(...args)` does. */
  expect(received: unknown, name: string, args: readonly unknown[] = [], isNot = false): void | Promise<void> {
    const common = { isNot, promise: "", suppressedErrors: this.#suppressedErrors, currentTestName: "a test" };
    const state = { ...common, ...this.state };
    const result = this.matchers[name]?.call(state, received, ...(args as never[]));
    if (result === undefined) throw new TypeError(`expect(...).${name} is not a function`);
    const judge = ({ pass, message }: MatcherResult) => {
      if (pass === isNot) throw new RangeError(message());
    };
    return result instanceof Promise ? result.then(judge) : judge(result);
  }

  /** Runs a test to its end, and returns the errors that it fails with. */
  async run(test: () => unknown): Promise<Error[]> {
    const errors: Error[] = [];
    try {
      await test();
    } catch (error) {
      errors.push(error as Error);
    }
    const suppressed = this.#suppressedErrors;
    this.#suppressedErrors = [];
    return [...errors, ...suppressed];
  }
}
