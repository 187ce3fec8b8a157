import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome, Report, Task } from "./messages.js";

/** What workers are started with. */
interface CrewOptions {
  readonly seed: number;
  readonly start: boolean;
  readonly workers: number;
  /** Tells what was found before it is reduced. */
  readonly tell: (text: string) => void;
}

/** Seconds of processor time for an app from its plan to its configurations: far more than any needs. */
const SYNTHESIS_LIMIT = 10;
/** Seconds of processor time in which a new worker loads the library. */
const LOADING = 30;
/** Seconds for a run, reduction of a finding included, however busy the machine is. */
const RUN_LIMIT = 900;
/** The kernel counts processor time in hundredths of a second. */
const TICKS = 100;
/** MiB of a worker's heap. */
const HEAP = 1_024;

/** Has processes judge runs, so that one which hangs or takes all memory is a finding and not the end. */
export class Crew {
  constructor(private readonly options: CrewOptions) {}

  async judge(runs: readonly number[], take: (outcome: Outcome) => void): Promise<void> {
    const waiting = [...runs];
    const count = Math.min(this.options.workers, runs.length);
    await Promise.all(Array.from({ length: count }, (_, number) => this.workUp(number, waiting, take)));
  }

  /** Works until nothing is waiting, with a new worker after one that was lost. */
  private async workUp(number: number, waiting: number[], take: (outcome: Outcome) => void): Promise<void> {
    let worker: ChildProcess | undefined;
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const isNew: boolean = worker === undefined;
      worker ??= this.startWorker(number);
      const outcome = await this.judgeRun(worker, run, isNew);
      if (outcome.lost) worker = undefined;
      take(outcome.outcome);
    }
    worker?.disconnect();
  }

  private startWorker(number: number): ChildProcess {
    const { seed, start } = this.options;
    const args = [String(seed), ...(start ? [`fuzz${number}`] : [])];
    const execArgv = ["--require", "tsx/cjs", `--max-old-space-size=${HEAP}`];
    return fork(join(__dirname, "worker.ts"), args, { execArgv });
  }

  private judgeRun(worker: ChildProcess, run: number, isNew: boolean): Promise<{ outcome: Outcome; lost: boolean }> {
    return new Promise((resolve) => {
      let phase = "synthesis";
      const begin = { time: Date.now(), used: processorTime(worker) };
      const limit = SYNTHESIS_LIMIT + (isNew ? LOADING : 0);
      const settle = (outcome: Outcome, lost: boolean) => {
        clearInterval(timer);
        worker.off("message", hear);
        worker.off("exit", lose);
        resolve({ outcome, lost });
      };
      const timer = setInterval(() => {
        // By processor time: on a busy machine every synthesis may take long.
        const hangs = phase === "synthesis" && processorTime(worker) - begin.used > limit;
        if (!hangs && Date.now() - begin.time < RUN_LIMIT * 1_000) return;
        settle(
          lostRun(run, `${phase} did not end in ${hangs ? `${limit} s of processor time` : `${RUN_LIMIT} s`}`),
          true,
        );
        worker.kill("SIGKILL");
      }, 1_000);
      const hear = (report: Report) => {
        if (report.kind === "done") settle(report.outcome, false);
        else if (report.kind === "synthesized") phase = "the daemons' work";
        else this.options.tell(`run ${run} found something, which is reduced: ${report.text}`);
      };
      const lose = (code: number | null, signal: string | null) =>
        settle(lostRun(run, `the process ended in ${phase} with ${signal ?? code}, perhaps out of ${HEAP} MiB`), true);
      worker.on("message", hear);
      worker.once("exit", lose);
      worker.send({ run } satisfies Task);
    });
  }
}

/** Seconds of processor time that a process has used. */
function processorTime({ pid }: ChildProcess): number {
  try {
    const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const words = rest.split(" ");
    return (Number(words[11]) + Number(words[12])) / TICKS;
  } catch {
    return 0;
  }
}

function lostRun(run: number, text: string): Outcome {
  return { run, kind: "finding", codes: [], text, drawn: [], answered: 0, notStarted: [] };
}
