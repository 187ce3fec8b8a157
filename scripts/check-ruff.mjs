// Lints and checks the format of every Python program of the repository by ruff, with the settings of ruff.toml; with
// --fix it formats them and sorts their imports first. The rest of what ruff finds is for people to mend.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PositionEncoding, Workspace } from "@astral-sh/ruff-wasm-nodejs";
import { parse } from "smol-toml";
import { pythonFiles } from "./files.mjs";
import { Failure, root, runMain } from "./run.mjs";

/** @typedef {import("@astral-sh/ruff-wasm-nodejs").Diagnostic} Diagnostic */

const UNSORTED = "I001";
/** Refused by our settings and not by ruff's own: ruff ignores a setting that it does not know, without a word. */
const LONG_LINE = `LINE = "${"x".repeat(120)}"\n`;

await runMain(async () => {
  const settings = parse(readFileSync(join(root, "ruff.toml"), "utf8"));
  const ruff = new Workspace(settings, PositionEncoding.Utf16);
  if (!diagnostics(ruff, LONG_LINE).some(({ code }) => code === "E501")) {
    throw new Failure("ruff.toml: ruff does not judge by these settings: it accepts a line of 128 characters");
  }

  const files = pythonFiles();
  if (files.length === 0) throw new Failure("no Python program found");
  if (process.argv.includes("--fix")) for (const file of files) fix(ruff, file);
  const problems = files.flatMap((file) => check(ruff, file));
  if (problems.length > 0) throw new Failure(problems.join("\n"));
});

/** What is wrong with a file, one line each. @param {Workspace} ruff @param {string} file @returns {string[]} */
function check(ruff, file) {
  const text = readFileSync(join(root, file), "utf8");
  const found = diagnostics(ruff, text);
  const lines = found.map(({ code, message, start_location: { row, column } }) => {
    return `${file}:${row}:${column}: ${code}: ${message}`;
  });
  const unformatted = !found.some(isSyntaxError) && ruff.format(text) !== text;
  return unformatted ? [...lines, `${file}: is not formatted; run npm run format`] : lines;
}

/** Sorts the imports of a file and formats it. @param {Workspace} ruff @param {string} file */
function fix(ruff, file) {
  const path = join(root, file);
  const before = readFileSync(path, "utf8");
  const found = diagnostics(ruff, before);
  if (found.some(isSyntaxError)) return;
  // From the last one to the first, so that the places of the others stay right.
  const edits = found
    .filter(({ code }) => code === UNSORTED)
    .flatMap((each) => each.fix?.edits ?? [])
    .reverse();
  const sorted = edits.reduce((text, { content, location, end_location: end }) => {
    return text.slice(0, offset(text, location)) + (content ?? "") + text.slice(offset(text, end));
  }, before);
  const after = ruff.format(sorted);
  if (after !== before) writeFileSync(path, after);
}

/** @param {Workspace} ruff @param {string} text @returns {Diagnostic[]} */
function diagnostics(ruff, text) {
  return ruff.check(text);
}

/** @param {Diagnostic} diagnostic */
function isSyntaxError({ code }) {
  return code === "invalid-syntax";
}

/** @param {string} text @param {{ row: number, column: number }} place */
function offset(text, { row, column }) {
  const lines = text.split("\n").slice(0, row - 1);
  return lines.reduce((sum, line) => sum + line.length + 1, 0) + column - 1;
}
