/** Thrown if a lab cannot start, or is used in a way that it does not support. */
export class LabError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LabError";
  }
}

/** Thrown if a program fails in a lab; has the program's output. */
export class CommandError extends LabError {
  constructor(
    readonly argv: readonly string[],
    readonly status: number | string,
    readonly output: string,
  ) {
    super(`${argv.join(" ").slice(0, 300)} failed with ${status}${output === "" ? "" : `:\n${output}`}`);
    this.name = "CommandError";
  }
}

/** Thrown if a condition does not hold within the timeout. */
export class LabTimeout extends LabError {
  constructor(what: string, milliseconds: number) {
    super(`${what}: not within ${milliseconds} ms`);
    this.name = "LabTimeout";
  }
}
