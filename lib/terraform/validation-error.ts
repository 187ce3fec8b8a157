import type { IConstruct } from "constructs";
import { type Problem, UnscopedValidationError } from "../core/errors.js";

/** Thrown by a construct for invalid properties; every line of the message starts with the construct's path. */
export class ValidationError extends UnscopedValidationError {
  /** The path of the construct. */
  readonly path: string;

  constructor(problems: readonly Problem[], scope: IConstruct) {
    super(problems);
    this.name = "ValidationError";
    this.path = scope.node.path;
    this.message = this.message.replace(/^/gm, () => `[${this.path}] `);
  }
}
