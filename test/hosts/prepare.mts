import { ensureInstalled } from "../e2e/engine/install.js";
import { provideMachineRoots, SUITES } from "./root.js";
import { SITE_PACKAGES } from "./site.js";

/** Makes what every run needs and the first one alone waits for: packages, and the roots of machines. */
export default async function prepare(): Promise<void> {
  const started = performance.now();
  const installed = await ensureInstalled(SITE_PACKAGES);
  if (installed.length > 0) console.log(`installed ${installed.join(", ")}`);
  await provideMachineRoots(SUITES);
  console.log(`packages and roots of machines: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
