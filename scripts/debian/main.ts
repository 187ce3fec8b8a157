/**
 * `npm run debian-root -- [SUITE [FOLDER]]`: makes the root of a Debian system for `Lab.start(..., { root })`, and says
 * where; without a suite that of the release that this machine does not have. `--check` only tells by its status whether
 * that is there.
 */
import { isComplete, otherSuite, provideRoot, rootFolder } from "./root.js";

const [suite = otherSuite(), folder = rootFolder(suite)] = process.argv.slice(2);
if (suite === "--check") process.exitCode = isComplete(rootFolder(otherSuite())) ? 0 : 1;
else {
  provideRoot(suite, folder).then(
    () => console.log(folder),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
