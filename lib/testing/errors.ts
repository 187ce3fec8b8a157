/** Says all that the validations of an app found, as synthesis would. */
export class InvalidAppError extends Error {
  /** One line each, with the path of the construct to blame. */
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(`the app does not pass its validations:\n${lines.map((line) => `  ${line}`).join("\n")}`);
    this.name = "InvalidAppError";
    this.lines = lines;
  }
}

/** Refuses a question that a test cannot ask. */
export class TestingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TestingError";
  }
}
