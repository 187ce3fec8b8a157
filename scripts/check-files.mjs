// What no file of the repository may hold, and what the manifests must agree on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFiles } from "./files.mjs";
import { Failure, root, runMain } from "./run.mjs";

/** Home folders and the folders that build services check out to. */
const MACHINE_PATH = /(?<![\w.~}:/-])\/(?:home|Users|root|work|workspace|builds|runner)\/[\w.-]+/;

/** What git leaves in a file for somebody to decide. */
const CONFLICT = /^(?:<{7}|>{7}) /;

/** Keeps registries out of the lock file, whoever writes it. */
const NPM_SETTINGS = "omit-lockfile-registry-resolved=true\n";

await runMain(async () => {
  const files = repositoryFiles();
  const problems = [
    ...lines(files, MACHINE_PATH, "holds a path of one machine"),
    ...lines(files, CONFLICT, "holds a merge that was not finished"),
    ...lockFiles(files),
    ...manifest(),
    ...otherPlatforms(),
    ...cdktfSettings(files),
  ];
  if (problems.length > 0) throw new Failure(problems.join("\n"));
});

/**
 * Where a line holds what none may.
 *
 * @param {readonly string[]} files @param {RegExp} wrong @param {string} words
 */
function lines(files, wrong, words) {
  return files.flatMap((file) => {
    const text = read(file);
    if (text.includes("\0")) return [];
    return text.split("\n").flatMap((line, index) => {
      const found = wrong.exec(line);
      return found ? [`${file}:${index + 1}: ${words}: ${found[0]}`] : [];
    });
  });
}

/** A lock file that names a registry works only where that registry can be reached. @param {readonly string[]} files */
function lockFiles(files) {
  const settings = files
    .filter((file) => /(^|\/)\.npmrc$/.test(file) && read(file) !== NPM_SETTINGS)
    .map((file) => `${file}: may hold nothing but ${NPM_SETTINGS.trim()}`);
  const locks = files.filter((file) => /(^|\/)(package-lock|npm-shrinkwrap)\.json$/.test(file));
  const hosts = locks.flatMap((file) => {
    const entries = Object.entries(JSON.parse(read(file)).packages);
    const named = entries.filter(([, entry]) => /^(https?|git)/.test(entry.resolved ?? ""));
    return named.slice(0, 3).map(([path, entry]) => `${file}: ${path} names a registry: ${entry.resolved}`);
  });
  const fix = hosts.length > 0 ? ["fix: npm install --package-lock-only --omit-lockfile-registry-resolved"] : [];
  return [...settings, ...hosts, ...fix];
}

/**
 * Packages of other platforms that a lock file names but does not hold: with one lost, `npm ci` refuses to work.
 * npm leaves them out when the registry did not have them yet.
 */
function otherPlatforms() {
  const { packages } = JSON.parse(read("package-lock.json"));
  const holds = (/** @type {string} */ from, /** @type {string} */ name) => {
    const folders = from.split(/\/?node_modules\//).map((_, depth, parts) => parts.slice(1, depth + 1));
    return folders.some((parents) => packages[[...parents, name].map((part) => `node_modules/${part}`).join("/")]);
  };
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !holds(path, name))
      .map((name) => `package-lock.json: lacks ${name}, which ${path} names; choose a version that has it`),
  );
}

/** The lock file's copy of package.json; `npm ci` refuses to work when they differ. */
function manifest() {
  const declared = JSON.parse(read("package.json"));
  const locked = JSON.parse(read("package-lock.json")).packages[""];
  return ["version", "dependencies", "devDependencies", "peerDependencies"]
    .filter((field) => JSON.stringify(declared[field]) !== JSON.stringify(locked[field]))
    .map((field) => `package-lock.json: '${field}' differs from package.json; run npm install`);
}

/** Nobody's failure is reported to a third party without being asked. @param {readonly string[]} files */
function cdktfSettings(files) {
  return files
    .filter((file) => /(^|\/)cdktf\.json$/.test(file))
    .filter((file) => JSON.parse(read(file)).sendCrashReports !== "false")
    .map((file) => `${file}: 'sendCrashReports' must be "false"`);
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), "utf8");
}
