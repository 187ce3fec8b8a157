import { BenchError } from "./errors.js";
import { freeze, type Subject, thaw } from "./subjects/subject.js";

/** Seconds of load before each run, in which a subject comes to itself; they do not count. */
export const WARM_UP = 0.4;

/* How often a run is made before its failure is that of the subject. */
const TRIES = 4;

/** Makes a run. One that lost answers counts for nothing, and is made anew: the machine may have had other things to do. */
export async function untilItCounts<T>(run: () => Promise<T>, tries = TRIES): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof BenchError) || tries <= 1) throw error;
    return await untilItCounts(run, tries - 1);
  }
}

/** Lets a subject run, warms it up, measures it, and stops it again. What it loses while it warms up does not count. */
export function measured<T>(subject: Subject, warm: () => Promise<unknown>, run: () => Promise<T>): Promise<T> {
  return untilItCounts(async () => {
    thaw(subject);
    try {
      await warm().catch((error: unknown) => {
        if (!(error instanceof BenchError)) throw error;
      });
      return await run();
    } finally {
      freeze(subject);
    }
  });
}
