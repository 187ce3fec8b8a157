import { join } from "node:path";
import { ensureNpmPackages, ensurePrograms } from "./install.mjs";
import { bin, Failure, run } from "./run.mjs";

/**
 * Installs what is missing, then runs tests of `test/lab` at their full length, which `npm run test:live` runs in a short
 * form. An environment variable tells them so.
 * @param {{ command: string, project: "lab" | "load", folder: string, variable: string, limit: number }} options
 * `limit` is in seconds: far more than the tests need.
 */
export async function runFullLength({ command, project, folder, variable, limit }) {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Failure(`npm run ${command} needs Linux, and root for network namespaces`);
  }
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);

  const tests = join("test", "lab", folder);
  const args = ["run", "--project", project, "--update=none", `--testTimeout=${limit * 1_000}`, tests];
  const { status, output } = await run(bin("vitest"), args, { env: { [variable]: "full" }, limit, show: true });
  if (output !== "") console.error(output);
  process.exitCode = status;
}
