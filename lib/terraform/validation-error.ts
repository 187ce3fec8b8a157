import type { IConstruct } from "constructs";
import { type Problem, UnscopedValidationError } from "../core/errors.js";

/** Refuses what a construct was given; every line starts with the path of the construct. */
export class ValidationError extends UnscopedValidationError {
  /** The construct to blame. */
  readonly path: string;

  constructor(problems: readonly Problem[], scope: IConstruct) {
    super(problems);
    this.name = "ValidationError";
    this.path = scope.node.path;
    this.message = this.message.replace(/^/gm, () => `[${this.path}] `);
  }
}
