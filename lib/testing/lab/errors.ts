/** A lab that cannot start, or that was asked for what it cannot do. */
export class LabError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LabError";
  }
}

/** A program of this machine that failed in a lab, with its own words. */
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

/** What was waited for did not come. */
export class LabTimeout extends LabError {
  constructor(what: string, milliseconds: number) {
    super(`${what}: not within ${milliseconds} ms`);
    this.name = "LabTimeout";
  }
}
