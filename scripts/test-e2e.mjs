// `npm run test:e2e`: installs what is missing, then deploys examples/docker-pair to a Docker engine with Terraform,
// changes it, breaks it and destroys it, all under load. Where no engine is reachable for that, Debian's is installed
// and started in a namespace of its own. `--json FILE` writes the figures for machines; `--runs N` makes each fault N
// times instead of ten, `--margin M` multiplies the limits on outages; `--only suite` or `--only STAGE,...` runs a part.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureNpmPackages, ensurePrograms, hasProgram } from "./install.mjs";
import { bin, Failure, run, runMain } from "./run.mjs";

/** Seconds: far more than each needs. */
const SUITE_LIMIT = 1_500;
const DRILL_LIMIT = 5_400;

await runMain(async () => {
  const { json, runs, margin, only } = options();
  requireMachine();
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);

  if (only === undefined || only === "suite") {
    const suite = ["run", "--project", "e2e", "--update=none", "--allowOnly=false"];
    const { status } = await run(bin("vitest"), suite, { limit: SUITE_LIMIT, show: true });
    process.exitCode = status;
    if (status !== 0 || only === "suite") return;
  }
  const program = ["--import", "tsx", "test/e2e/drill/main.ts", "--runs", runs, "--margin", margin];
  const rest = [...(json === undefined ? [] : ["--json", json]), ...(only === undefined ? [] : ["--only", only])];
  const { status, output } = await run(process.execPath, [...program, ...rest], { limit: DRILL_LIMIT, show: true });
  if (output !== "") console.error(output);
  process.exitCode = status;
});

function options() {
  try {
    const { json, runs, margin, only } = parseArgs({
      options: {
        json: { type: "string" },
        runs: { type: "string", default: "10" },
        margin: { type: "string", default: "1" },
        only: { type: "string" },
      },
    }).values;
    if (!/^[1-9]\d?$/.test(runs)) throw new Failure(`--runs ${runs}: it must be a number from 1 to 99`);
    if (!/^[1-9]$/.test(margin)) throw new Failure(`--margin ${margin}: it must be a number from 1 to 9`);
    if (json === undefined) return { runs, margin, only };
    const file = resolve(process.env.INIT_CWD ?? process.cwd(), json);
    if (!existsSync(dirname(file))) throw new Failure(`--json ${json}: its folder does not exist`);
    return { json: file, runs, margin, only };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const usage = "usage: npm run test:e2e -- [--json FILE] [--runs N] [--margin M] [--only suite | STAGE,...]";
    throw new Failure(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

function requireMachine() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Failure("The drill needs Linux and root: it starts a Docker engine in namespaces of its own.");
  }
  if (!hasProgram("terraform")) {
    throw new Failure(
      "The drill needs Terraform, which no Debian repository has: https://developer.hashicorp.com/terraform/install",
    );
  }
}
