import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

const NEVER = new Set(["node_modules", "dist", ".git", "cdktf.out", ".terraform", "__pycache__", "coverage", "site"]);

/** The files of the repository, sorted, relative to its root: those of git, or all but build output without git. */
export function repositoryFiles() {
  return (fromGit() ?? fromFolder("")).sort();
}

/** The first line of a file, to know a script by its `#!`. @param {string} file */
export function firstLine(file) {
  return readFileSync(join(root, file), "utf8").slice(0, 200).split("\n", 1)[0] ?? "";
}

/** The Python programs of the repository, known by their name or by their first line. */
export function pythonFiles() {
  return repositoryFiles().filter((file) => {
    return file.endsWith(".py") || (!/\.\w+$/.test(file) && /^#!.*python3?\b/.test(firstLine(file)));
  });
}

/** Undefined where there is no git, or this is no clone. */
function fromGit() {
  if (!existsSync(join(root, ".git"))) return undefined;
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const git = spawnSync("git", ["-c", "safe.directory=*", ...list], { cwd: root, encoding: "utf8" });
  if (git.status !== 0) return undefined;
  return git.stdout.split("\0").filter((file) => file !== "" && isFile(file));
}

/** Tells a file from a link, a folder, and what was deleted without telling git. @param {string} path */
function isFile(path) {
  return lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** @param {string} folder @returns {string[]} */
function fromFolder(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NEVER.has(entry.name) ? [] : fromFolder(path);
    return entry.isFile() ? [path] : [];
  });
}
