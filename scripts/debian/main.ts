/**
 * `npm run debian-root -- [SUITE [FOLDER]]`: makes the root of a Debian system for `Lab.start(..., { root })`, and says
 * where; without a suite that of the release that this machine does not have. `--check` only tells by its status whether
 * that is there.
 */
import { Progress } from "../progress.js";
import { isComplete, LAB, otherSuite, provideRoot, rootFolder } from "./root.js";

const [suite = otherSuite(), folder = rootFolder(suite)] = process.argv.slice(2);
if (suite === "--check") process.exitCode = isComplete(rootFolder(otherSuite())) ? 0 : 1;
else {
  // Standard output has the folder alone.
  const progress = new Progress(2, process.stderr);
  provideRoot(suite, folder, LAB, (what, work) => progress.step(what, work)).then(
    () => console.log(folder),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
