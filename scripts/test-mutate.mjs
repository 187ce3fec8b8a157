// `npm run mutate [-- ROW...]`: installs what is missing, then breaks lines of configurations, one after the other, that rows
// of docs/from-the-article.md hang on; the test that each names must fail.
import { join } from "node:path";
import { ensureNpmPackages, ensurePrograms } from "./install.mjs";
import { Failure, run, runMain } from "./run.mjs";

/** Seconds: far more than all rows need. */
const LIMIT = 3_600;

await runMain(async () => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Failure("npm run mutate needs Linux, and root for network namespaces");
  }
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);
  const program = ["--require", "tsx/cjs", join("scripts", "mutate", "main.ts"), ...process.argv.slice(2)];
  const { status, output } = await run(process.execPath, program, { limit: LIMIT, show: true });
  if (output !== "") console.error(output);
  process.exitCode = status;
});
