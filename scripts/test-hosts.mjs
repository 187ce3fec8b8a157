// `npm run test:hosts`: installs what is missing, then makes machines with both releases of Debian, systemd and an SSH server,
// on a network of their own, and deploys a pair to them with Terraform. `--short` tries one pair alone, `--full` adds two guests
// of QEMU, with kernels of their own.
import { parseArgs } from "node:util";
import { ensureNpmPackages, ensurePrograms, hasProgram } from "./install.mjs";
import { bin, Failure, run, runMain } from "./run.mjs";

/** Seconds: far more than it needs. */
const LIMIT = 3_600;
/** The pair that is deployed, changed, broken and destroyed. */
const PAIR = "test/hosts/pair.test.ts";
/** The guests. */
const GUESTS = "test/hosts/guests.test.ts";

await runMain(async () => {
  const { short, full } = options();
  requireMachine();
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);

  const machines = short ? [PAIR] : ["--exclude", GUESTS];
  // Guests use two processors, and would disturb what the others measure.
  for (const part of full ? [machines, [GUESTS]] : [machines]) {
    const suite = ["run", "--project", "hosts", "--update=none", "--allowOnly=false", ...part];
    const { status, output } = await run(bin("vitest"), suite, { limit: LIMIT, show: true });
    if (output !== "") console.error(output);
    if (status !== 0) process.exitCode = status;
  }
});

function options() {
  try {
    const { short = false, full = false } = parseArgs({
      options: { short: { type: "boolean" }, full: { type: "boolean" } },
    }).values;
    if (short && full) throw new Error("--short and --full exclude each other");
    return { short, full };
  } catch (error) {
    throw new Failure(
      `${error instanceof Error ? error.message : error}\nusage: npm run test:hosts -- [--short | --full]`,
    );
  }
}

function requireMachine() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Failure("Machines are tried in namespaces of their own, which needs Linux and root.");
  }
  if (!hasProgram("terraform")) {
    throw new Failure(
      "The machines need Terraform, which no Debian repository has: https://developer.hashicorp.com/terraform/install",
    );
  }
}
