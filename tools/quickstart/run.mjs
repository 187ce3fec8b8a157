// `npm run quickstart`: installs what is missing, then shows the production example live while things break.
// `--anycast` shows three nodes behind two routers instead. `--json FILE` writes the figures for machines.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureNpmPackages, ensurePrograms } from "../../scripts/install.mjs";
import { Failure, run, runMain, scratchFolder } from "../../scripts/run.mjs";

/** Seconds: far more than it needs. */
const LIMIT = 300;

await runMain(async () => {
  const { anycast, json } = options();
  requireLinuxAndRoot();
  await ensureNpmPackages();
  await ensurePrograms();

  const program = ["--require", "tsx/cjs", join("tools", "quickstart", ...(anycast ? ["anycast"] : []), "main.ts")];
  const env = { TMPDIR: scratchFolder("quickstart") };
  const { status, output } = await run(process.execPath, [...program, ...json], { env, limit: LIMIT, show: true });
  if (output !== "") console.error(output);
  process.exitCode = status;
});

/** What is shown, and the file for the figures as arguments, from the folder where npm was called. */
function options() {
  try {
    const { anycast, json } = parseArgs({
      options: { anycast: { type: "boolean", default: false }, json: { type: "string" } },
    }).values;
    if (json === undefined) return { anycast, json: [] };
    const file = resolve(process.env.INIT_CWD ?? process.cwd(), json);
    if (!existsSync(dirname(file))) throw new Failure(`--json ${json}: its folder does not exist`);
    return { anycast, json: ["--json", file] };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      `${error instanceof Error ? error.message : error}\nusage: npm run quickstart -- [--anycast] [--json FILE]`,
    );
  }
}

function requireLinuxAndRoot() {
  const here = process.platform === "linux" ? "this user is not root" : `this is ${process.platform}`;
  if (process.platform === "linux" && process.getuid?.() === 0) return;
  throw new Failure(
    `The quickstart needs Linux and root, but ${here}: run it as root on a Debian machine or virtual machine.`,
  );
}
