// The form of CHANGELOG.md (https://keepachangelog.com). With --since COMMIT, a change to lib/ since then must come with one
// to the changelog; with --release TAG, the changelog must have that version, and package.json too.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Failure, root, run, runMain } from "./run.mjs";

const FILE = "CHANGELOG.md";
const UNRELEASED = "## [Unreleased]";
const VERSION = /^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$/;
const KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

await runMain(async () => {
  const { values } = parseArgs({ options: { since: { type: "string" }, release: { type: "string" } } });
  const lines = readFileSync(join(root, FILE), "utf8").split("\n");
  const problems = form(lines);
  if (values.release !== undefined) problems.push(...release(lines, values.release));
  if (values.since !== undefined) problems.push(...(await since(values.since)));
  if (problems.length > 0) throw new Failure(problems.join("\n"));
});

/** @param {readonly string[]} lines @returns {string[]} */
function form(lines) {
  const headings = lines.flatMap((line, index) => (line.startsWith("## ") ? [{ line, number: index + 1 }] : []));
  const [first, ...versions] = headings;
  const problems = first?.line === UNRELEASED ? [] : [`${FILE}: the first section must be "${UNRELEASED}"`];
  for (const { line, number } of versions) {
    if (!VERSION.test(line)) problems.push(`${FILE}:${number}: must be "## [1.2.3] - 2026-01-31", got "${line}"`);
  }
  lines.forEach((line, index) => {
    const kind = /^### (.*)/.exec(line)?.[1];
    if (kind !== undefined && !KINDS.includes(kind)) {
      problems.push(`${FILE}:${index + 1}: must be one of ${KINDS.join(", ")}, got "${kind}"`);
    }
  });
  return problems;
}

/** @param {readonly string[]} lines @param {string} tag @returns {string[]} */
function release(lines, tag) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const problems = tag === `v${version}` ? [] : [`package.json: 'version' is ${version}, and the tag is ${tag}`];
  if (!lines.some((line) => VERSION.exec(line)?.[1] === version)) {
    problems.push(
      `${FILE}: has no section for ${version}; give "${UNRELEASED}" its version and date, and begin a new one`,
    );
  }
  return problems;
}

/** @param {string} commit @returns {Promise<string[]>} */
async function since(commit) {
  const { status, output } = await run("git", ["-c", "safe.directory=*", "diff", "--name-only", `${commit}...HEAD`]);
  if (status !== 0) throw new Failure(output);
  const files = output.split("\n");
  if (files.includes(FILE) || !files.some((file) => file.startsWith("lib/"))) return [];
  return [`lib/ changed, and ${FILE} did not; add a line, or the label "internal" if users notice nothing`];
}
