// `npm run fuzz -- --runs N --seed S [--only RUN] [--start]`: installs what is missing, then draws apps from the public API;
// what is accepted, the daemons' own checkers judge, and with `--start` it is started in the lab and has to answer.
// `npm run fuzz -- --hostile`: gives every hostile text to every property of the API.
import { join } from "node:path";
import { ensureNpmPackages, ensurePrograms } from "./install.mjs";
import { bin, Failure, run, runMain, scratchFolder } from "./run.mjs";

/** Seconds: far more than any number of runs needs. */
const LIMIT = 12 * 3_600;

await runMain(async () => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Failure("npm run fuzz needs Linux, and root for network namespaces");
  }
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);

  if (process.argv.includes("--hostile")) {
    const words = ["run", "--project", "unit", "--update=none", "--testTimeout=600000", "test/fuzz/hostile.test.ts"];
    const { status } = await run(bin("vitest"), words, { env: { DNS_LB_HOSTILE: "full" }, limit: LIMIT, show: true });
    process.exitCode = status;
    return;
  }
  const program = ["--require", "tsx/cjs", join("test", "fuzz", "main.ts"), ...process.argv.slice(2)];
  const env = { TMPDIR: scratchFolder("fuzz") };
  const { status, output } = await run(process.execPath, program, { env, limit: LIMIT, show: true });
  if (output !== "") console.error(output);
  process.exitCode = status;
});
