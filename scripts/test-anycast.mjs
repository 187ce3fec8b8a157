// `npm run test:anycast`: installs what is missing, then tries the routers of the lab, and breaks three nodes that announce
// addresses to two routers, in all ways, under load. `--json FILE` writes the figures for machines, `--record FILE` puts
// the worst of each event into a record; `--runs N` makes each event N times instead of three, `--short` four events once; `--other`
// takes the daemons of the other release of Debian; `--only suite` or `--only EVENT,...` runs a part.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureDebianRoot, ensureNpmPackages, ensurePrograms } from "./install.mjs";
import { bin, Failure, run, runMain, scratchFolder } from "./run.mjs";

/** Seconds: far more than each needs. */
const SUITE_LIMIT = 600;
const LIMIT = { short: 300, run: 1_200 };

await runMain(async () => {
  const { json, record, runs, short, other, only } = options();
  requireLinuxAndRoot();
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);
  const reason = other ? await ensureDebianRoot() : undefined;
  if (reason !== undefined) throw new Failure(`missing: ${reason}`);

  if (!short && (only === undefined || only === "suite")) {
    const suite = ["run", "--project", "anycast", "--update=none", "--allowOnly=false"];
    const { status, output } = await run(bin("vitest"), suite, { limit: SUITE_LIMIT, show: true });
    if (output !== "") console.error(output);
    process.exitCode = status;
    if (status !== 0 || only === "suite") return;
  }
  const program = ["--require", "tsx/cjs", join("test", "anycast", "main.ts"), "--runs", runs];
  const rest = [
    ...(json === undefined ? [] : ["--json", json]),
    ...(record === undefined ? [] : ["--record", record]),
    ...(short ? ["--short"] : []),
    ...(other ? ["--other"] : []),
    ...(only === undefined ? [] : ["--only", only]),
  ];
  const env = { TMPDIR: scratchFolder("anycast") };
  const limit = short ? LIMIT.short : LIMIT.run * Number(runs);
  const { status, output } = await run(process.execPath, [...program, ...rest], { env, limit, show: true });
  if (output !== "") console.error(output);
  process.exitCode = status;
});

function options() {
  try {
    const { json, record, runs, short, other, only } = parseArgs({
      options: {
        json: { type: "string" },
        record: { type: "string" },
        runs: { type: "string", default: "3" },
        short: { type: "boolean", default: false },
        other: { type: "boolean", default: false },
        only: { type: "string" },
      },
    }).values;
    if (!/^[1-9]\d?$/.test(runs)) throw new Failure(`--runs ${runs}: it must be a number from 1 to 99`);
    if (short && only !== undefined) throw new Failure("--short and --only exclude each other");
    return { json: fileOf("--json", json), record: fileOf("--record", record), runs, short, other, only };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const usage =
      "usage: npm run test:anycast -- [--json FILE] [--record FILE] [--runs N] [--short] [--other] [--only suite | EVENT,...]";
    throw new Failure(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

/** Where a file is to be written. @param {string} option @param {string | undefined} name */
function fileOf(option, name) {
  if (name === undefined) return undefined;
  const file = resolve(process.env.INIT_CWD ?? process.cwd(), name);
  if (!existsSync(dirname(file))) throw new Failure(`${option} ${name}: its folder does not exist`);
  return file;
}

function requireLinuxAndRoot() {
  const here = process.platform === "linux" ? "this user is not root" : `this is ${process.platform}`;
  if (process.platform === "linux" && process.getuid?.() === 0) return;
  throw new Failure(`Routers and nodes are tried in network namespaces, which needs Linux and root, but ${here}.`);
}
