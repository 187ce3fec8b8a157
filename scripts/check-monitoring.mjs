// Compiles the mixin in monitoring/ and compares it with what lies compiled beside it; --update writes that anew. Lets promtool
// judge the rules, and run the tests of them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { Failure, root, run, runMain } from "./run.mjs";

const MIXIN = join(root, "monitoring");
const COMPILED = join(MIXIN, "compiled");
const GENERATED = "# Compiled from mixin.libsonnet by npm run monitoring:update; change that.\n";

await runMain(async () => {
  const files = await compiled();
  if (process.argv.includes("--update")) write(files);
  else compare(files);
  await format(process.argv.includes("--update"));
  await promtool();
});

/** @returns {Promise<Map<string, string>>} texts by path below `compiled/` */
async function compiled() {
  const source = "local m = import 'mixin.libsonnet'; [m.prometheusAlerts, m.prometheusRules, m.grafanaDashboards]";
  const { status, output } = await run("jsonnet", ["--exec", source], { cwd: MIXIN });
  if (status !== 0) throw new Failure(`jsonnet: ${output}`);
  const [alerts, rules, dashboards] = JSON.parse(output);
  const yaml = (/** @type {unknown} */ value) => GENERATED + stringify(value, { lineWidth: 0 });
  return new Map([
    ["alerts.yaml", yaml(alerts)],
    ["rules.yaml", yaml(rules)],
    ...Object.entries(dashboards).map(
      ([name, dashboard]) => /** @type {const} */ ([`dashboards/${name}`, `${JSON.stringify(dashboard, null, 2)}\n`]),
    ),
  ]);
}

/** @param {Map<string, string>} files */
function write(files) {
  rmSync(COMPILED, { recursive: true, force: true });
  for (const [name, text] of files) {
    mkdirSync(dirname(join(COMPILED, name)), { recursive: true });
    writeFileSync(join(COMPILED, name), text);
  }
}

/** @param {Map<string, string>} files */
function compare(files) {
  const present = existsSync(COMPILED) ? readdirSync(COMPILED, { recursive: true }).map(String) : [];
  const stray = present.filter((name) => /\.\w+$/.test(name) && !files.has(name));
  const stale = [...files].flatMap(([name, text]) => {
    const path = join(COMPILED, name);
    return existsSync(path) && readFileSync(path, "utf8") === text ? [] : [name];
  });
  const wrong = [...stray, ...stale].map((name) => `monitoring/compiled/${name}`);
  if (wrong.length === 0) return;
  throw new Failure(`not what monitoring/mixin.libsonnet says: ${wrong.join(", ")}; run npm run monitoring:update`);
}

/** @param {boolean} update */
async function format(update) {
  const sources = filesOf(MIXIN, /\.libsonnet$/);
  const { status, output } = await run("jsonnetfmt", [update ? "--in-place" : "--test", ...sources], { cwd: MIXIN });
  if (status !== 0)
    throw new Failure(`jsonnetfmt would change a file of monitoring/: npm run monitoring:update\n${output}`);
}

async function promtool() {
  const rules = ["alerts.yaml", "rules.yaml"].map((name) => join(COMPILED, name));
  const tests = filesOf(join(MIXIN, "tests"), /\.yaml$/).map((name) => join("tests", name));
  if (tests.length === 0) throw new Failure("no test of rules found in monitoring/tests");
  for (const args of [
    ["check", "rules", ...rules],
    ["test", "rules", ...tests],
  ]) {
    const { status, output } = await run("promtool", args, { cwd: MIXIN });
    if (status !== 0) throw new Failure(`promtool ${args.slice(0, 2).join(" ")}: ${output}`);
  }
}

/** @param {string} folder @param {RegExp} pattern */
function filesOf(folder, pattern) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => pattern.test(name))
    .sort();
}
