/*
 * `npm run mutate`: breaks one line of a node's configuration after the other, each of which a row of
 * docs/from-the-article.md hangs on, and runs the test that the row names, which must fail.
 * `npm run mutate -- S05 S14` does so for some rows.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StatusLine } from "../status-line.js";
import { BreakingCopy } from "./copy.js";
import { ARTICLE_ROWS, type Mutation, OTHER_ROWS } from "./mutation.js";
import { MUTATIONS } from "./mutations.js";

const MOST_MILLISECONDS = 300_000;

type Verdict = "noticed" | "noticed at the start" | "survived" | "not applied" | "no such test";

interface TestResult {
  readonly status: string;
  readonly title: string;
}

async function main(words: readonly string[]): Promise<void> {
  const rows = [...ARTICLE_ROWS, ...OTHER_ROWS];
  const unknown = words.filter((word) => !rows.includes(word));
  if (unknown.length > 0) throw new Error(`no row ${unknown.join(", ")}; there are ${rows.join(", ")}`);
  const chosen = MUTATIONS.filter(({ row }) => words.length === 0 || words.includes(row));
  const copy = new BreakingCopy();
  const wrong: Mutation[] = [];
  const line = new StatusLine(process.stdout);
  try {
    for (const [index, mutation] of chosen.entries()) {
      const start = Date.now();
      const timer = setInterval(() => {
        const seconds = Math.round((Date.now() - start) / 1_000);
        line.show(`[${index + 1}/${chosen.length}] ${mutation.row} ${mutation.breaks} ... ${seconds} s`);
      }, 1_000);
      const verdict = await judge(copy, mutation).finally(() => clearInterval(timer));
      line.erase();
      const known = verdict === "survived" && mutation.survives !== undefined;
      if (!verdict.startsWith("noticed") && !known) wrong.push(mutation);
      const seconds = ((Date.now() - start) / 1000).toFixed(1);
      const why = known ? `: ${mutation.survives}` : "";
      console.log(`${mutation.row}  ${verdict.padEnd(20)} ${seconds.padStart(6)} s  ${mutation.breaks}${why}`);
    }
  } finally {
    copy.remove();
  }
  console.log(`${chosen.length - wrong.length} as expected, ${wrong.length} not`);
  for (const { row, breaks, test } of wrong)
    console.log(`not as expected: ${row} ${breaks} (${test.file}: ${test.name})`);
  if (wrong.length > 0 || chosen.length === 0) process.exitCode = 1;
}

async function judge(copy: BreakingCopy, mutation: Mutation): Promise<Verdict> {
  const { file, name } = mutation.test;
  const report = join(copy.directory, "report.json");
  for (const path of [copy.mark, report]) rmSync(path, { force: true });
  const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const words = ["vitest", "run", file, "-t", pattern, "--reporter=json", `--outputFile=${report}`];
  const child = spawn("npx", words, {
    cwd: copy.directory,
    env: { ...process.env, ...copy.environmentOf(mutation), DNS_LB_SHORT: "1" },
    stdio: "ignore",
    timeout: MOST_MILLISECONDS,
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const results = existsSync(report) ? resultsIn(report).filter(({ title }) => title.startsWith(name)) : [];
  if (results.length === 0) return "no such test";
  if (!existsSync(copy.mark)) return "not applied";
  if (results.some((result) => result.status === "failed")) return "noticed";
  return status === 0 ? "survived" : "noticed at the start";
}

function resultsIn(report: string): TestResult[] {
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  return testResults.flatMap(({ assertionResults }: { assertionResults: TestResult[] }) => assertionResults);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
