// `npm run bench [-- --json FILE]`: installs what is missing, then measures the load balancer beside its peers.
import { join, resolve } from "node:path";
import { BENCH_PROGRAMS, ensureNpmPackages, ensurePrograms, PROGRAMS } from "./install.mjs";
import { Failure, run, runMain, scratchFolder } from "./run.mjs";
import { step } from "./step.mjs";

/** Seconds: far more than all parts need. */
const LIMIT = 4 * 3_600;

await runMain(async () => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Failure("npm run bench needs Linux, and root for network namespaces");
  }
  const words = process.argv.slice(2);
  const isQuick = words.includes("--quick");
  await ensureNpmPackages();
  const missing = await ensurePrograms(isQuick ? PROGRAMS : [...PROGRAMS, ...BENCH_PROGRAMS]);
  if (missing.length > 0) throw new Failure(`missing: ${missing.join(", ")}`);
  if (synthesizes(words)) {
    const built = await step("building the library", () => run(process.execPath, [join("scripts", "build.mjs")]));
    if (built.status !== 0) throw new Failure(built.output);
  }
  const program = ["--require", "tsx/cjs", join("scripts", "bench", "main.ts"), ...words.map(fromCaller)];
  const env = { TMPDIR: scratchFolder("bench") };
  const { status, output } = await run(process.execPath, program, { env, limit: LIMIT, show: true });
  if (output !== "") console.error(output);
  process.exitCode = status;
});

/** Whether the library is needed as users have it. @param {string[]} words */
function synthesizes(words) {
  const only = words[words.indexOf("--only") + 1];
  if (words.includes("--profile")) return words[words.indexOf("--profile") + 1] === "synthesis";
  if (words.includes("--quick")) return false;
  return !words.includes("--only") || only?.split(",").includes("synthesis");
}

/** Files are named from the folder where npm was called. @param {string} word @param {number} index @param {string[]} words */
function fromCaller(word, index, words) {
  const takesPath = ["--json", "--pictures"].includes(words[index - 1] ?? "");
  return takesPath ? resolve(process.env.INIT_CWD ?? process.cwd(), word) : word;
}
