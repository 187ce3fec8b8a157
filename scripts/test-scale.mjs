// `npm run test:scale`: installs what is missing, then replaces all of 2,000 servers ten times; `npm run test:live`
// does so with 200, four times.
import { join } from "node:path";
import { ensureNpmPackages, ensurePrograms } from "./install.mjs";
import { bin, Failure, run, runMain } from "./run.mjs";

/** Seconds: far more than it needs. */
const LIMIT = 1_800;

await runMain(async () => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Failure("npm run test:scale needs Linux, and root for network namespaces");
  }
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);

  const tests = join("test", "lab", "scale");
  const args = ["run", "--project", "load", "--update=none", `--testTimeout=${LIMIT * 1_000}`, tests];
  const { status, output } = await run(bin("vitest"), args, {
    ...{ env: { DNS_LB_SCALE: "full" }, limit: LIMIT, show: true },
  });
  if (output !== "") console.error(output);
  process.exitCode = status;
});
