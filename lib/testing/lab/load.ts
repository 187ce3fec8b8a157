import type { LoadReport } from "./client-protocol.js";

/** A running load: queries on a fixed schedule, independent of answers. */
export class Load {
  constructor(
    /** The final report, when the load is over and every query is answered or lost. */
    readonly done: Promise<LoadReport>,
    private readonly ask: <T>(op: "report" | "stop") => Promise<T>,
  ) {
    // Avoids an unhandled rejection if no caller awaits `done`.
    done.catch(() => {});
  }

  /** The report so far. */
  report(): Promise<LoadReport> {
    return this.ask<LoadReport>("report");
  }

  /** Stops sending and returns the final report. */
  async stop(): Promise<LoadReport> {
    await this.ask("stop");
    return this.done;
  }
}
