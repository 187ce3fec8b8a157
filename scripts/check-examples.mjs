// Synthesizes every example, and the app of the root's cdktf.json, with the command line of cdktf.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bin, Failure, root, run, runMain, scratchFolder } from "./run.mjs";
import { step } from "./step.mjs";

await runMain(async () => {
  const folder = join(root, "examples");
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const examples = entries.filter((entry) => entry.isDirectory()).map((entry) => `examples/${entry.name}`);
  if (examples.length === 0) throw new Failure("no example found in examples/");
  const problems = examples.flatMap(incomplete);
  // One after the other: each starts several programs of its own.
  for (const example of problems.length === 0 ? [".", ...examples] : []) {
    problems.push(...(await step(`synthesizing ${example}`, () => synthesize(example))));
  }
  if (problems.length > 0) throw new Failure(problems.join("\n"));
  console.log(`${examples.length} examples`);
});

/** @param {string} example */
function incomplete(example) {
  const lost = ["main.ts", "cdktf.json", "README.md"].filter((file) => !existsSync(join(root, example, file)));
  if (lost.length > 0) return lost.map((file) => `${example}: ${file} does not exist`);
  const main = readFileSync(join(root, example, "main.ts"), "utf8");
  return /^\s*(\/\/|\/\*)/.test(main)
    ? []
    : [`${example}/main.ts: does not begin with a comment that says what it makes`];
}

/** @param {string} example */
async function synthesize(example) {
  const output = scratchFolder("example");
  const env = { CHECKPOINT_DISABLE: "1", CI: "1", TF_CLI_CONFIG_FILE: undefined };
  const result = await run(bin("cdktf"), ["synth", "--output", output], {
    cwd: join(root, example),
    env,
    limit: 120,
  });
  if (result.status !== 0) return [`${example}: cdktf synth failed:\n${result.output}`];
  const stacks = join(output, "stacks");
  const made = existsSync(stacks) ? readdirSync(stacks) : [];
  return made.length === 0 ? [`${example}: cdktf synth made no stack`] : [];
}
