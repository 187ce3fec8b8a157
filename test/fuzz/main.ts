/**
 * Draws apps, builds each, and has the daemons' own checkers judge what is accepted: `main.ts --runs N --seed S [--only RUN]
 * [--start]`. Its status is 0 only if nothing was found and every property of the API was drawn.
 */
import { parseArgs } from "node:util";
import { StatusLine } from "../../scripts/status-line.js";
import { inputsOf, titleOf } from "../api/inputs.js";
import { ApiReport } from "../api/report.js";
import { Crew } from "./crew.js";
import { planOf } from "./draw/app.js";
import type { Outcome } from "./messages.js";
import { summaryOf } from "./summary.js";

const line = new StatusLine(process.stdout);

function say(text: string): void {
  line.erase();
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      only: { type: "string" },
      start: { type: "boolean", default: false },
    },
  });
  const { start, only } = values;
  const seed = wholeNumber("--seed", values.seed);
  const runs =
    only === undefined
      ? Array.from({ length: wholeNumber("--runs", values.runs) }, (_, run) => run)
      : [wholeNumber("--only", only)];
  if (only !== undefined) say(JSON.stringify(planOf(seed, runs[0] ?? 0), null, 1));
  const begin = Date.now();
  const outcomes: Outcome[] = [];
  const crew = new Crew({ seed, start, workers: 2, tell: say });
  const timer = setInterval(() => {
    line.show(`${outcomes.length} of ${runs.length} runs judged, ${Math.round((Date.now() - begin) / 1_000)} s`);
  }, 1_000).unref();
  await crew.judge(runs, (outcome) => {
    outcomes.push(outcome);
    if (outcome.kind === "finding")
      say(
        `FINDING in run ${outcome.run} of seed ${seed}: ${outcome.text}\nrepeat it by --seed ${seed} --only ${outcome.run}${start ? " --start" : ""}\n`,
      );
    else if (start)
      say(`run ${outcome.run}: ${outcome.kind}${outcome.kind === "accepted" ? `, ${outcome.answered} answers` : ""}`);
  });
  clearInterval(timer);
  const wanted = inputsOf(ApiReport.read()).map(titleOf);
  const { text, isGood } = summaryOf(outcomes, wanted, { isWhole: only === undefined && runs.length >= 100 });
  say(`${only === undefined ? text : text.replace(/; never: .*/, "")}\n${((Date.now() - begin) / 1_000).toFixed(1)} s`);
  process.exitCode = isGood ? 0 : 1;
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RangeError(`${option} must be a whole number, got ${JSON.stringify(text)}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
});
