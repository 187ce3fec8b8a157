/** Thrown if validations of an app fail; reports all problems, as synthesis would. */
export class InvalidAppError extends Error {
  /** One line for each problem, with the path of its construct. */
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(`the app does not pass its validations:\n${lines.map((line) => `  ${line}`).join("\n")}`);
    this.name = "InvalidAppError";
    this.lines = lines;
  }
}

/** Thrown for invalid use of the testing functions. */
export class TestingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TestingError";
  }
}
