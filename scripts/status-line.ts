/** A stream that may be a terminal, such as `process.stderr`. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** How many characters a line has. */
  readonly columns?: number;
}

const ERASE = "\r\u001b[K";

/** The last line of a terminal, which is written anew while something lasts. Elsewhere there is none. */
export class StatusLine {
  #isShown = false;

  constructor(private readonly terminal: Terminal) {}

  /** Puts a text in the place of what stands there, cut to one line of the terminal. */
  show(text: string): void {
    const { isTTY, columns = 0 } = this.terminal;
    if (isTTY !== true || columns < 2 || process.env["TERM"] === "dumb") return;
    this.#isShown = true;
    this.terminal.write(`${ERASE}${text.slice(0, columns - 1)}`);
  }

  /** Makes room for lines that stay. Returns whether something was shown. */
  erase(): boolean {
    const wasShown = this.#isShown;
    this.#isShown = false;
    if (wasShown) this.terminal.write(ERASE);
    return wasShown;
  }
}
