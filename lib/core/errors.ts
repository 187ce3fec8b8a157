import type { Code } from "./codes/index.js";

/** One mistake in the user's input. */
export interface Problem {
  /** A stable, searchable code, such as `DNSLB104`; `docs/errors.md` explains each. */
  readonly code: Code;
  /** The property as the user wrote it: `servers[1].port`. Empty where no property is to blame. */
  readonly property: string;
  /** What is wrong, what was given, what is allowed, how to fix it: lower-case start, no final period. */
  readonly message: string;
}

/** Prints problems one per line, sorted, each with its property and its code. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map((p) => `${p.property === "" ? "" : `'${p.property}' `}${p.message} [${p.code}]`)
    .sort()
    .join("\n");
}

/** Thrown for bad input outside of constructs; constructs throw `ValidationError`, which names their path. */
export class UnscopedValidationError extends Error {
  readonly problems: readonly Problem[];

  /** `origin` is the call that was given the input, as users write it; every line of the message starts with it. */
  constructor(problems: readonly Problem[], origin?: string) {
    const text = formatProblems(problems);
    super(origin === undefined ? text : text.replace(/^/gm, () => `[${origin}] `));
    this.name = "UnscopedValidationError";
    this.problems = problems;
  }
}

/** A defect of this library, not of its user's input. */
export class InternalError extends Error {
  constructor(message: string) {
    super(`${message}; this is a defect of cdktf-dns-lb, please report it`);
    this.name = "InternalError";
  }
}
