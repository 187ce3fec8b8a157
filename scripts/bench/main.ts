/*
 * `npm run bench`: measures the load balancer as the library makes it, side by side with what people run instead, in a lab on
 * this machine. docs/performance.md tells how, and what the figures mean.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Progress } from "../progress.js";
import { isBlurred, judge, showVerdict, showVerdicts } from "./bounds.js";
import { debianRoot } from "./debian.js";
import { BenchError } from "./errors.js";
import { isWithin, type Options, optionsOf } from "./options.js";
import { PARTS, QUICK } from "./parts/index.js";
import type { Part } from "./parts/part.js";
import { startPeers } from "./peers.js";
import { picturesOf } from "./pictures.js";
import { profile } from "./profile.js";
import { profileSynthesis, SYNTHESIS } from "./profile-synthesis.js";
import { raiseReceiveBuffers } from "./receive-buffers.js";
import { type Report, settingOf } from "./report.js";
import { type Results, together } from "./results.js";
import type { Site, Surroundings } from "./site.js";
import { showResults } from "./tables.js";

/* Seconds: enough for some thousand samples. */
const PROFILED = 5;

async function main(words: readonly string[]): Promise<void> {
  const restore = raiseReceiveBuffers();
  process.once("exit", restore);
  // Which a signal would skip.
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const options = optionsOf(
    words,
    PARTS.map(({ name }) => name),
  );
  const parts = options.quick ? QUICK : chosen(PARTS, options.only);
  const root = await debianRoot(options.debian);
  const around = { rounds: options.rounds, seconds: options.seconds, ...(root === undefined ? {} : { root }) };
  if (options.profile !== undefined) return await showProfile(options.profile, options, around);
  const setting = await settingOf(root, !options.quick);
  const progress = new Progress(parts.length + (parts.some(isAmongPeers) ? 1 : 0));

  const results = await measureAll(parts, around, options, progress);
  const bounds = judge(
    parts.flatMap((part) => part.bounds),
    results,
  );
  const report: Report = {
    ...{ schema: 1, setting, seconds: Number(progress.seconds.toFixed(1)) },
    options: { only: options.only, quick: options.quick, rounds: options.rounds, seconds: options.seconds },
    ...{ ...results, bounds, passed: bounds.every(({ kept }) => kept) },
  };
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (options.pictures !== undefined) draw(report, options.pictures);
  console.log(`\n${showVerdicts(bounds)}`);
  const blurred = results.ratios.filter(isBlurred).map(({ name }) => name);
  if (blurred.length > 0) console.log(`\nblurred, because the machine was busy: ${blurred.join(", ")}`);
  console.log(`\n${showVerdict(bounds, progress.seconds)}`);
  if (!report.passed) process.exitCode = 1;
}

async function showProfile(subject: string, options: Options, around: Surroundings): Promise<void> {
  if (subject === SYNTHESIS) return console.log(await profileSynthesis(options.pictures));
  const site = await startPeers(around);
  try {
    const { transport, seconds, pictures } = options;
    const shown = { transport, seconds: Math.max(seconds, PROFILED), ...(pictures === undefined ? {} : { pictures }) };
    console.log(await profile(site, subject, shown));
  } finally {
    await site.stop();
  }
}

async function measureAll(
  parts: readonly Part[],
  around: Surroundings,
  { quick }: Options,
  progress: Progress,
): Promise<Results> {
  const all: Results[] = [];
  let site: Site | undefined;
  const keep = (results: Results) => {
    console.log(`\n${showResults(results)}`);
    all.push(results);
  };
  try {
    for (const part of parts) {
      if (part.among === "own") continue;
      site ??= await progress.step("starting the load balancer and its peers", () => startPeers(around, quick));
      const peers = site;
      keep(await progress.step(part.title, () => part.measure(peers, around)));
    }
  } finally {
    await site?.stop();
  }
  for (const part of parts) {
    if (part.among === "own") keep(await progress.step(part.title, () => part.measure(around)));
  }
  return together(all);
}

function chosen(parts: readonly Part[], only: readonly string[]): readonly Part[] {
  return only.length === 0 ? parts : parts.filter(({ name }) => only.some((word) => isWithin(word, name)));
}

function isAmongPeers({ among }: Part): boolean {
  return among === "peers";
}

function draw(report: Report, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of Object.entries(picturesOf(report))) writeFileSync(join(folder, `${name}.svg`), svg);
}

main(process.argv.slice(2)).then(
  // What a lab has left open does not keep the bench.
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof BenchError ? error.message : error);
    process.exit(1);
  },
);
