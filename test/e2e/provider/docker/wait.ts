import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "../sdk/resource.js";

/** Milliseconds after which the real provider first looks at a network or a volume, whatever happened to it. */
const DELAY = 2_000;
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 10_000;
const LIMIT = 30_000;

/** Waits as long as the real provider does before it looks at a network. */
export function delay(): Promise<void> {
  return sleep(DELAY);
}

/** Retries a removal while something still uses the thing, as slowly as the real provider does. */
export async function removed(pending: string, remove: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LIMIT;
  await delay();
  for (let pause = FIRST_PAUSE; !(await remove()); pause = LONGEST_PAUSE) {
    if (Date.now() + pause > end) {
      await sleep(end - Date.now());
      throw new Refusal(`timeout while waiting for state to become 'removed' (last state: '${pending}', timeout: 30s)`);
    }
    await sleep(pause);
  }
}
