// `npm run test:upgrade`: installs what is missing, then takes a pair of the release before to this version and back, node
// by node, under load. `--json FILE` writes the figures for machines; `--short` makes one round instead of three.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureNpmPackages, ensurePrograms } from "./install.mjs";
import { Failure, run, runMain, scratchFolder } from "./run.mjs";

/** Seconds: far more than it needs. */
const LIMIT = { short: 400, long: 1_500 };

await runMain(async () => {
  const { json, short } = options();
  requireLinuxAndRoot();
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);

  const program = ["--require", "tsx/cjs", join("test", "upgrade", "main.ts")];
  const rest = [...(json === undefined ? [] : ["--json", json]), ...(short ? ["--short"] : [])];
  const env = { TMPDIR: scratchFolder("upgrade") };
  const limit = short ? LIMIT.short : LIMIT.long;
  const { status, output } = await run(process.execPath, [...program, ...rest], { env, limit, show: true });
  if (output !== "") console.error(output);
  process.exitCode = status;
});

function options() {
  try {
    const { json, short = false } = parseArgs({
      options: { json: { type: "string" }, short: { type: "boolean" } },
    }).values;
    if (json === undefined) return { short };
    const file = resolve(process.env.INIT_CWD ?? process.cwd(), json);
    if (!existsSync(dirname(file))) throw new Failure(`--json ${json}: its folder does not exist`);
    return { json: file, short };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const usage = "usage: npm run test:upgrade -- [--json FILE] [--short]";
    throw new Failure(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function requireLinuxAndRoot() {
  const here = process.platform === "linux" ? "this user is not root" : `this is ${process.platform}`;
  if (process.platform === "linux" && process.getuid?.() === 0) return;
  throw new Failure(`The upgrade is tried in network namespaces, which needs Linux and root, but ${here}.`);
}
