import { StatusLine, type Terminal } from "./status-line.js";

/** How long a step took. */
export interface StepTime {
  readonly step: string;
  readonly seconds: number;
}

/** Says what of a step is being done now; shown at a terminal alone. */
export type Tell = (detail: string) => void;

/** Milliseconds until a terminal shows how long a step takes. */
const QUIET = 2_000;
const INTERVAL = 1_000;

/** How a step is told before its time is known. */
export function showStep(number: number, of: number, step: string): string {
  return `[${number}/${of}] ${step} ... `;
}

/** Tells what is being done, a line per step with its time; at a terminal, the seconds are counted while it lasts. */
export class Progress {
  readonly times: StepTime[] = [];
  readonly #started = performance.now();
  readonly #line: StatusLine;

  constructor(
    private readonly steps: number,
    private readonly screen: Terminal = process.stdout,
  ) {
    this.#line = new StatusLine(screen);
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1_000;
  }

  /** Runs a step. */
  async step<T>(step: string, work: (tell: Tell) => Promise<T>): Promise<T> {
    const started = performance.now();
    const text = showStep(this.times.length + 1, this.steps, step);
    if (this.times.length > 0) this.screen.write("\n");
    this.screen.write(text);
    let detail = "";
    const timer = setInterval(() => {
      const milliseconds = performance.now() - started;
      // What is wider than the terminal has begun a second line.
      if (milliseconds < QUIET || text.length >= (this.screen.columns ?? 0)) return;
      this.#line.show(`${text}${Math.floor(milliseconds / 1_000)} s${detail === "" ? "" : `, ${detail}`}`);
    }, INTERVAL).unref();
    const end = (words: string) => {
      clearInterval(timer);
      const seconds = (performance.now() - started) / 1_000;
      this.times.push({ step, seconds: Number(seconds.toFixed(3)) });
      if (this.#line.erase()) this.screen.write(text);
      this.screen.write(`${words}${seconds.toFixed(1)} s\n`);
    };
    try {
      const result = await work((words) => {
        detail = words;
      });
      end("");
      return result;
    } catch (error) {
      end("failed after ");
      throw error;
    }
  }
}
