/** How long a step took. */
export interface StepTime {
  readonly step: string;
  readonly seconds: number;
}

/** How a step is told before its time is known. */
export function showStep(number: number, of: number, step: string): string {
  return `[${number}/${of}] ${step} ... `;
}

/** Tells what is being done, a line per step with its time. */
export class Progress {
  readonly times: StepTime[] = [];
  readonly #started = performance.now();

  constructor(
    private readonly steps: number,
    private readonly write: (text: string) => void,
  ) {}

  /** Seconds since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1_000;
  }

  /** Runs a step. */
  async step<T>(step: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    this.write(`${this.times.length === 0 ? "" : "\n"}${showStep(this.times.length + 1, this.steps, step)}`);
    const end = (words: string) => {
      const seconds = (performance.now() - started) / 1_000;
      this.times.push({ step, seconds: Number(seconds.toFixed(3)) });
      this.write(`${words}${seconds.toFixed(1)} s\n`);
    };
    try {
      const result = await work();
      end("");
      return result;
    } catch (error) {
      end("failed after ");
      throw error;
    }
  }
}
