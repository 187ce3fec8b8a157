import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

const NEVER = new Set(["node_modules", "dist", ".git", "cdktf.out", ".terraform", "__pycache__", "coverage"]);

/** The files of the repository, sorted, relative to its root: those of git, or all but build output without git. */
export function repositoryFiles() {
  return (existsSync(join(root, ".git")) ? fromGit() : fromFolder("")).sort();
}

/** The first line of a file, to know a script by its `#!`. @param {string} file */
export function firstLine(file) {
  return readFileSync(join(root, file), "utf8").slice(0, 200).split("\n", 1)[0] ?? "";
}

function fromGit() {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const output = execFileSync("git", ["-c", "safe.directory=*", ...list], { cwd: root, encoding: "utf8" });
  return output
    .split("\0")
    .filter((file) => file !== "" && lstatSync(join(root, file), { throwIfNoEntry: false })?.isFile());
}

/** @param {string} folder @returns {string[]} */
function fromFolder(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NEVER.has(entry.name) ? [] : fromFolder(path);
    return entry.isFile() ? [path] : [];
  });
}
