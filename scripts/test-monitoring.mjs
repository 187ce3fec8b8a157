// `npm run test:monitoring`: installs what is missing, then makes the faults that the alerts in monitoring/ are there for, beside
// Prometheus and Alertmanager in the lab. `--json FILE` writes the figures for machines; `--short` sees three alerts, `--only
// ALERT,...` those that are named.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureNpmPackages, ensurePrograms, MONITORING_PROGRAMS, PROGRAMS } from "./install.mjs";
import { Failure, root, run, runMain, scratchFolder } from "./run.mjs";
import { step } from "./step.mjs";

/** Seconds: far more than it needs. */
const LIMIT = { short: 300, long: 1_800 };

await runMain(async () => {
  const { json, short, only } = options();
  requireLinuxAndRoot();
  await ensureNpmPackages();
  const missing = await ensurePrograms([...PROGRAMS, ...MONITORING_PROGRAMS]);
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);

  const checking = [join(root, "scripts", "check-monitoring.mjs")];
  const mixin = await step("checking the rules and dashboards", () => run(process.execPath, checking));
  if (mixin.status !== 0) throw new Failure(mixin.output);
  const program = ["--require", "tsx/cjs", join("test", "monitoring", "drill", "main.ts")];
  const rest = [
    ...(json === undefined ? [] : ["--json", json]),
    ...(short ? ["--short"] : []),
    ...(only === undefined ? [] : ["--only", only]),
  ];
  const env = { TMPDIR: scratchFolder("monitoring") };
  const limit = short ? LIMIT.short : LIMIT.long;
  const { status, output } = await run(process.execPath, [...program, ...rest], { env, limit, show: true });
  if (output !== "") console.error(output);
  process.exitCode = status;
});

function options() {
  try {
    const {
      json,
      short = false,
      only,
    } = parseArgs({
      options: { json: { type: "string" }, short: { type: "boolean" }, only: { type: "string" } },
    }).values;
    if (json === undefined) return { short, only };
    const file = resolve(process.env.INIT_CWD ?? process.cwd(), json);
    if (!existsSync(dirname(file))) throw new Failure(`--json ${json}: its folder does not exist`);
    return { json: file, short, only };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const usage = "usage: npm run test:monitoring -- [--json FILE] [--short] [--only ALERT,...]";
    throw new Failure(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function requireLinuxAndRoot() {
  const here = process.platform === "linux" ? "this user is not root" : `this is ${process.platform}`;
  if (process.platform === "linux" && process.getuid?.() === 0) return;
  throw new Failure(`Alerts are tried in network namespaces, which needs Linux and root, but ${here}.`);
}
