// `npm run test:transfers`: installs what is missing, then transfers zones at the full length of their pauses and paces,
// which takes five minutes; `npm run test:live` does the same ten times as fast.
import { join } from "node:path";
import { ensureNpmPackages, ensurePrograms } from "./install.mjs";
import { bin, Failure, run, runMain } from "./run.mjs";

/** Seconds: far more than it needs. */
const LIMIT = 900;

await runMain(async () => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Failure("npm run test:transfers needs Linux, and root for network namespaces");
  }
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);

  const tests = join("test", "lab", "transfers");
  const args = ["run", "--project", "lab", "--update=none", `--testTimeout=${LIMIT * 1_000}`, tests];
  const { status, output } = await run(bin("vitest"), args, {
    ...{ env: { DNS_LB_TRANSFERS: "full" }, limit: LIMIT, show: true },
  });
  if (output !== "") console.error(output);
  process.exitCode = status;
});
