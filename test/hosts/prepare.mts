import { Progress } from "../../scripts/progress.js";
import { ensureInstalled } from "../e2e/engine/install.js";
import { provideMachineRoots, SUITES } from "./root.js";
import { SITE_PACKAGES } from "./site.js";

/** Makes what every run needs and the first one alone waits for: packages, and the roots of machines. */
export default async function prepare(): Promise<void> {
  const progress = new Progress(2);
  const installed = await progress.step("installing packages", () => ensureInstalled(SITE_PACKAGES));
  if (installed.length > 0) console.log(installed.join(", "));
  await progress.step("making the roots of machines", () => provideMachineRoots(SUITES));
}
