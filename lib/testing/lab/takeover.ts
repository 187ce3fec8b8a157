import type { Frontend } from "../../model/frontend.js";
import type { LabClient } from "./client.js";
import type { LoadReport } from "./client-protocol.js";
import { LabTimeout } from "./errors.js";
import type { Load } from "./load.js";

/** An address and port of a frontend, with a client that it serves and a name to query. */
export interface ServicePoint {
  readonly frontend: Frontend;
  readonly server: string;
  readonly port: number;
  readonly client: LabClient;
  /** A name that the servers of the frontend answer. */
  readonly name: string;
}

/** Queries per second: one every 10 ms, the resolution of the measurement. */
const RATE = 100;
const LONGEST = 60;
const BASELINE = 100;
const STEADY = 1_500;

/** Measures outages: queries the service from before an event until it is stable again. */
export class TakeoverWatch {
  #loads: readonly Load[] = [];
  #since = 0;

  /** Starts a new measurement. */
  async begin(points: readonly ServicePoint[]): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.stop().catch(() => {})));
    const unlimited = points.filter(({ frontend }) => frontend.rateLimit?.queries === undefined);
    const watched = unlimited.length > 0 ? unlimited : points;
    this.#loads = await Promise.all(
      watched.map(({ client, server, port, name, frontend }) =>
        client.load({ server, port, name, type: "TXT", rate: rateFor(frontend), seconds: LONGEST }),
      ),
    );
    await sleep(BASELINE);
    this.#since = performance.now();
  }

  /**
   * The longest outage since `begin()`, in milliseconds: from the first lost query to the next answered one; 0 if none
   * was lost. Waits until the service is stable.
   */
  async end(observe: number, timeout: number): Promise<number> {
    for (;;) {
      const reports = await Promise.all(this.#loads.map((load) => load.report().catch(() => load.done)));
      const elapsed = performance.now() - this.#since;
      const disturbed = reports.some(({ lost }) => lost > 0);
      if (reports.every(isSteady) && elapsed > (disturbed ? STEADY : observe)) break;
      if (elapsed > timeout) throw new LabTimeout("the service is steady again", timeout);
      await sleep(BASELINE);
    }
    const final = await Promise.all(this.#loads.map((load) => load.stop().catch(() => load.done)));
    this.#loads = [];
    return Math.max(0, ...final.map(({ longestGap }) => longestGap));
  }
}

function isSteady({ lostAt, knownUntil, answered }: LoadReport): boolean {
  return answered > 0 && knownUntil - (lostAt.at(-1) ?? Number.NEGATIVE_INFINITY) > STEADY;
}

/** A rate below the frontend's own rate limit. */
function rateFor({ rateLimit }: Frontend): number {
  const limit = rateLimit?.queries;
  return limit === undefined ? RATE : Math.min(RATE, (limit.events * 800) / limit.period);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
