import type { LoadReport } from "./client-protocol.js";

/** Queries that are being sent on a schedule, whatever becomes of them. */
export class Load {
  constructor(
    /** The account, once the load is over and every answer has come or is overdue. */
    readonly done: Promise<LoadReport>,
    private readonly ask: <T>(op: "report" | "stop") => Promise<T>,
  ) {
    // Whoever awaits `done` hears of a failure; nobody must.
    done.catch(() => {});
  }

  /** The account so far. */
  report(): Promise<LoadReport> {
    return this.ask<LoadReport>("report");
  }

  /** Sends nothing more and gives the final account. */
  async stop(): Promise<LoadReport> {
    await this.ask("stop");
    return this.done;
  }
}
