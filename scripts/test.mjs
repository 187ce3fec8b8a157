// `npm test`: installs what is missing, then runs the steps, quick ones first, up to the first failure; all but
// `examples`, `package`, `lab` and `load`, which take longer and have commands of their own.
// `node scripts/test.mjs NAME...` runs only the named steps and what they need; `check` stands for
// all quick ones that need no daemon, `package` for what users do with the package, `live` for labs, which take less time
// with `--short`.
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { firstLine, pythonFiles, repositoryFiles } from "./files.mjs";
import {
  ensureDebianRoot,
  ensureNpmPackages,
  ensurePrograms,
  MIXIN_PROGRAMS,
  missingPrograms,
  REVIEW_PROGRAMS,
} from "./install.mjs";
import { bin, Failure, isCi, root, run, runMain, scratchFolder } from "./run.mjs";
import { rewrite } from "./step.mjs";

/**
 * @typedef {{ passed: number, failed: number, skipped: number, output: string, notes: readonly string[] }} Outcome
 * @typedef {"check" | "suite" | "package" | "live"} Group
 * @typedef {{ name: string, group: Group, after?: string, alone?: boolean, run: () => Promise<Outcome> }} Step
 */

/** Steps run two at a time, but those that keep all processors busy themselves, and after what they need. */
const AT_ONCE = Math.min(2, availableParallelism());

const SHORT = "--short";

/** @type {readonly Step[]} */
const STEPS = [
  { name: "files", group: "check", run: script("check-files.mjs") },
  { name: "types", group: "check", run: all(program(bin("tsc"), ["-p", "."]), program(bin("tsc"), ["-p", "scripts"])) },
  { name: "changelog", group: "check", run: script("check-changelog.mjs") },
  { name: "workflows", group: "check", run: script("check-workflows.mjs") },
  { name: "format", group: "check", run: program(bin("biome"), ["ci", "--colors=off", "--error-on-warnings", "."]) },
  { name: "architecture", group: "check", run: program(bin("depcruise"), ["lib", "--output-type", "err"]) },
  { name: "manifest", group: "check", run: script("check-manifest.mjs") },
  { name: "shell", group: "check", run: shellcheck },
  { name: "monitoring", group: "check", run: mixin },
  { name: "ruff", group: "check", run: script("check-ruff.mjs") },
  { name: "python", group: "check", run: pythonTypes },
  { name: "unit", group: "check", alone: true, run: () => suite("unit", 420, 4) },
  { name: "build", group: "check", run: script("build.mjs") },
  { name: "api", group: "check", after: "build", run: script("check-api.mjs") },
  { name: "docs", group: "check", run: script("check-docs.mjs") },
  { name: "site", group: "check", run: script("check-site.mjs") },
  // Both wait for daemons more than they work.
  { name: "real", group: "suite", run: real },
  { name: "production", group: "suite", run: () => suiteWithPrograms("production", 300, 1) },
  { name: "examples", group: "package", run: script("check-examples.mjs") },
  { name: "package", group: "package", after: "build", run: script("check-package.mjs") },
  { name: "lab", group: "live", alone: true, run: () => labs("lab", isShort() ? 2_400 : 3_600, 2) },
  // One after the other: what is measured under load needs the processors for itself.
  { name: "load", group: "live", alone: true, run: () => labs("load", isShort() ? 900 : 1_800, 1) },
];

function isShort() {
  return process.env.DNS_LB_SHORT !== undefined;
}

await runMain(async () => {
  const words = process.argv.slice(2);
  if (words.includes(SHORT)) process.env.DNS_LB_SHORT = "1";
  const steps = chosen(words.filter((word) => word !== SHORT));
  await ensureNpmPackages();
  const missing = await ensurePrograms();
  if (isCi && missing.length > 0) throw new Failure(`missing with CI set: ${missing.join(", ")}`);

  const total = { passed: 0, failed: 0, skipped: 0 };
  await runSteps(steps, ({ passed, failed, skipped }) => {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  });
  console.log(`skipped: ${total.skipped}`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  if (total.failed > 0) process.exitCode = 1;
});

/** @param {readonly string[]} names */
function chosen(names) {
  if (names.length === 0) return STEPS.filter(({ group }) => group === "check" || group === "suite");
  const known = ["check", "package", "live", ...STEPS.map((step) => step.name)];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Failure(`no step ${unknown.join(", ")}; there are: ${known.join(", ")}`);
  const named = STEPS.filter((step) => names.includes(step.name) || names.includes(step.group));
  // Without it, a step would judge what an older run has built, and pass.
  return STEPS.filter((step) => named.includes(step) || named.some(({ after }) => after === step.name));
}

/**
 * Runs steps in order, as many at once as may be. What runs when one fails is still awaited, and nothing started any more.
 *
 * @param {readonly Step[]} steps @param {(outcome: Outcome) => void} count
 */
async function runSteps(steps, count) {
  const waiting = [...steps];
  /** @type {Map<Step, { start: number, ended: Promise<void> }>} */
  const running = new Map();
  const show = () => {
    const texts = [...running].map(([{ name }, { start }]) => `${name} ${Math.round((Date.now() - start) / 1_000)} s`);
    rewrite(process.stdout, texts.length === 0 ? "" : `...    ${texts.join(", ")}`);
  };
  // Nobody waits for it if a step throws.
  setInterval(show, 1_000).unref();
  let failed = false;
  for (;;) {
    const next = failed ? undefined : startable(waiting, [...running.keys()]);
    if (next !== undefined) {
      waiting.splice(waiting.indexOf(next), 1);
      const start = Date.now();
      const ended = next.run().then((outcome) => {
        running.delete(next);
        failed ||= outcome.failed > 0;
        rewrite(process.stdout);
        tell(next, outcome, Date.now() - start);
        count(outcome);
      });
      running.set(next, { start, ended });
      show();
    } else if (running.size > 0) await Promise.race([...running.values()].map(({ ended }) => ended));
    else return;
  }
}

/** The first step that can start now. @param {readonly Step[]} waiting @param {readonly Step[]} running */
function startable(waiting, running) {
  if (running.length >= AT_ONCE || running.some(({ alone }) => alone)) return undefined;
  // Nothing overtakes a step that waits to be alone.
  const alone = waiting.findIndex((step) => step.alone);
  if (alone === 0) return running.length === 0 ? waiting[0] : undefined;
  const undone = [...waiting, ...running].map(({ name }) => name);
  return waiting
    .slice(0, alone < 0 ? undefined : alone)
    .find(({ after }) => after === undefined || !undone.includes(after));
}

/** @param {Step} step @param {Outcome} outcome @param {number} milliseconds */
function tell(step, outcome, milliseconds) {
  const seconds = `${(milliseconds / 1000).toFixed(1)} s`.padStart(8);
  const mark = outcome.failed > 0 ? "FAILED" : outcome.passed === 0 ? "skip" : "ok";
  const counts = `${outcome.passed} passed${outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : ""}`;
  console.log(`${mark.padEnd(6)} ${step.name.padEnd(13)}${seconds}  ${outcome.failed > 0 ? "" : counts}`.trimEnd());
  for (const note of outcome.notes) console.log(`       ${note}`);
  if (outcome.failed > 0) console.log(outcome.output);
}

/** A check that is one program's exit status. @param {string} command @param {readonly string[]} args */
function program(command, args) {
  return async () => {
    const { status, output } = await run(command, args);
    return outcomeOf(status === 0, output);
  };
}

/** One check made of several, up to the first that fails. @param {...Step["run"]} parts */
function all(...parts) {
  return async () => {
    let outcome = outcomeOf(true, "");
    for (const part of parts) {
      if (outcome.failed === 0) outcome = await part();
    }
    return outcome;
  };
}

/** @param {string} file */
function script(file) {
  return program(process.execPath, [join(root, "scripts", file)]);
}

/** @param {boolean} passed @param {string} output @returns {Outcome} */
function outcomeOf(passed, output) {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, output, notes: [] };
}

/** @param {number} count @param {string} note @returns {Outcome} */
function skipped(count, note) {
  return { passed: 0, failed: 0, skipped: count, output: "", notes: [note] };
}

/** Types of the Python programs that run on a node. */
async function pythonTypes() {
  const files = pythonFiles().filter((file) => file.startsWith("lib/"));
  if (files.length === 0) return outcomeOf(false, "no Python program found below lib/");
  const { status, output } = await run(bin("pyright"), ["--warnings", ...files]);
  return outcomeOf(status === 0, output);
}

/** Every shell script of the repository, known by its first line. */
async function shellcheck() {
  const files = repositoryFiles().filter((file) => /^#!.*\b(ba|da)?sh\b/.test(firstLine(file)));
  if (missingPrograms().includes("shellcheck")) return skipped(1, "shellcheck is not installed");
  if (files.length === 0) return outcomeOf(false, "no shell script found");
  const { status, output } = await run("shellcheck", ["--external-sources", ...files]);
  return outcomeOf(status === 0, output);
}

/** The mixin in `monitoring/`: what is compiled of it, and promtool on its rules. */
async function mixin() {
  const missing = await ensurePrograms(MIXIN_PROGRAMS);
  if (missing.length === 0) return script("check-monitoring.mjs")();
  return isCi ? outcomeOf(false, `missing: ${missing.join(", ")}`) : skipped(1, `${missing.join(", ")} not installed`);
}

/**
 * Runs one project of vitest; neither an unwritten snapshot nor a forgotten `.only` passes. Most of its time is waiting,
 * so that more workers than cores are worth it.
 *
 * @param {string} project @param {number} limit @param {number} workers
 */
async function suite(project, limit, workers) {
  const report = join(scratchFolder("test"), "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const options = ["--update=none", "--allowOnly=false", `--maxWorkers=${workers}`];
  const { status, output } = await run(bin("vitest"), ["run", "--project", project, ...options, ...reporters], {
    limit,
  });
  if (!existsSync(report)) return outcomeOf(false, output);
  const result = JSON.parse(readFileSync(report, "utf8"));
  const left = result.numPendingTests + result.numTodoTests;
  const failed = Math.max(result.numFailedTests, status === 0 ? 0 : 1);
  return { passed: result.numPassedTests, failed, skipped: left, output, notes: skippedPerFile(result) };
}

/** @param {{ testResults: { name: string, assertionResults: { status: string }[] }[] }} result */
function skippedPerFile(result) {
  return result.testResults.flatMap(({ name, assertionResults }) => {
    const count = assertionResults.filter(({ status }) => status !== "passed" && status !== "failed").length;
    return count === 0 ? [] : [`${count} skipped in ${name.replace(`${root}/`, "")}`];
  });
}

/**
 * Labs, with the daemons of two releases of Debian; on a laptop without the other one its tests are skipped, counted.
 *
 * @param {string} project @param {number} limit @param {number} workers
 */
async function labs(project, limit, workers) {
  const reason = await ensureDebianRoot();
  if (isCi && reason !== undefined) return outcomeOf(false, reason);
  const outcome = await suiteWithPrograms(project, limit, workers);
  return reason === undefined ? outcome : { ...outcome, notes: [...outcome.notes, reason] };
}

/** The suite with real daemons, and with the browser that looks at reviews; without it, that part alone is skipped. */
async function real() {
  const missing = await ensurePrograms(REVIEW_PROGRAMS);
  if (isCi && missing.length > 0) return outcomeOf(false, `missing: ${missing.join(", ")}`);
  return suiteWithPrograms("real", 600, 4);
}

/** Runs a project that needs the daemons, and for namespaces root; on a laptop without them it is skipped, counted. */
async function suiteWithPrograms(
  /** @type {string} */ project,
  /** @type {number} */ limit,
  /** @type {number} */ workers,
) {
  const needed = missingPrograms().filter((name) => name !== "shellcheck");
  const reasons = needed.map((name) => `${name} is not installed`);
  if (project !== "real" && process.getuid?.() !== 0) reasons.push("root is needed for network namespaces");
  if (reasons.length === 0) return suite(project, limit, workers);
  if (isCi) return outcomeOf(false, reasons.join("\n"));
  const { output } = await run(bin("vitest"), ["list", "--project", project]);
  const count = output.split("\n").filter((line) => line.includes(" > ")).length;
  return skipped(Math.max(count, 1), reasons.join(", "));
}
