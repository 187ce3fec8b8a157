// Runs the unit tests with `cdktf` replaced by cdktn, its community successor, in a copy of the repository; and sees that an
// app on cdktn under its own name, beside the cdktf of this library, is told so.
import { cpSync, existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFiles } from "./files.mjs";
import { Failure, root, run, runMain, scratchFolder } from "./run.mjs";
import { step } from "./step.mjs";

const INSTEAD = { cdktf: "npm:cdktn@0.24", constructs: ">=10.6 <10.8" };
/** The command line and the tools of other checks: not needed by the unit tests, and slow to install. */
const LEFT_OUT = [
  "cdktf-cli",
  "@biomejs/biome",
  "@microsoft/api-extractor",
  "dependency-cruiser",
  "pyright",
  "typedoc",
];
/** Tests of what knows nothing of cdktf, by the rules of `.dependency-cruiser.cjs`, and of the programs on a node. */
const OTHER_TESTS = /^test\/(config|node\/agent|scripts)\/.*\.test\.ts$/;

await runMain(async () => {
  const folder = scratchFolder("cdktn");
  for (const file of repositoryFiles().filter((path) => !OTHER_TESTS.test(path))) {
    cpSync(join(root, file), join(folder, file));
  }
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  for (const name of LEFT_OUT) delete manifest.devDependencies[name];
  Object.assign(manifest.devDependencies, INSTEAD);
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));

  // @cdktf/provider-docker asks for cdktf ^0.21, which cdktn is by its content, not by its number.
  const args = ["install", "--legacy-peer-deps", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  await step("installing cdktn", () => must("npm", args, folder));
  const { name, version } = JSON.parse(readFileSync(join(folder, "node_modules", "cdktf", "package.json"), "utf8"));
  if (name !== "cdktn") throw new Failure(`node_modules/cdktf is ${name}, not cdktn`);
  const compiling = ["-p", "tsconfig.build.json", "--noEmit"];
  await step("compiling with cdktn", () => must(join(folder, "node_modules", ".bin", "tsc"), compiling, folder));
  const tests = ["run", "--project", "unit", "--update=none", "--maxWorkers=3", "--reporter=dot"];
  const vitest = join(folder, "node_modules", ".bin", "vitest");
  const output = await step("running the unit tests with cdktn", () => must(vitest, tests, folder));
  console.log(`${name} ${version}:${/^\s*Tests .*/m.exec(output)?.[0] ?? " no tests"}`);
  console.log(await step("trying an app on cdktn itself", refusalOfNativeCdktn));
});

/** What an app on native cdktn reads when it uses this library, which is built on cdktf. */
async function refusalOfNativeCdktn() {
  if (!existsSync(join(root, "dist"))) await must(process.execPath, [join(root, "scripts", "build.mjs")], root);
  const folder = scratchFolder("native-cdktn");
  const dependencies = { cdktn: INSTEAD.cdktf.replace("npm:cdktn@", ""), constructs: INSTEAD.constructs };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  await must("npm", ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], folder);
  const app = `
    const { App, TerraformStack } = require("cdktn");
    const { ResolverPool } = require(${JSON.stringify(root)});
    const stack = new TerraformStack(new App(), "dns");
    try {
      new ResolverPool(stack, "Resolvers", { servers: [{ name: "resolver1", address: "192.168.1.10" }] });
      console.log("not refused");
    } catch (error) {
      console.log(error.message);
    }`;
  writeFileSync(join(folder, "app.cjs"), app);
  const text = (await must(process.execPath, ["app.cjs"], folder)).trim();
  const [own, other] = [join(root, "node_modules", "cdktf"), join(folder, "node_modules", "cdktn")].map((path) =>
    realpathSync(path),
  );
  for (const part of ["[dns/Resolvers] ", "installed twice: ", own, other, '"cdktf": "npm:cdktn@', "[DNSLB128]"]) {
    if (!text.includes(part ?? "")) throw new Failure(`an app on native cdktn is not told ${part}:\n${text}`);
  }
  return "an app on native cdktn is refused, with both paths";
}

/** @param {string} command @param {readonly string[]} args @param {string} cwd */
async function must(command, args, cwd) {
  const { status, output } = await run(command, args, { cwd });
  if (status !== 0) throw new Failure(`${command.split("/").at(-1)} ${args.join(" ")} failed:\n${output}`);
  return output;
}
