import { Refusal } from "../sdk/resource.js";

/** Retries a removal while something still uses the thing, as the real provider does. */
export async function removed(pending: string, remove: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await remove())) {
    if (Date.now() > end) {
      throw new Refusal(`timeout while waiting for state to become 'removed' (last state: '${pending}', timeout: 30s)`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
