import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { PROGRAMS } from "../../lib/testing/lab/requirements.js";
import { debootstrap, installInto, runInside } from "./debootstrap.js";

/** Does a part of the work, and may tell what it is. */
export type Step = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/** What the root of a Debian system has beside the minimal one. */
export interface RootContents {
  readonly packages: readonly string[];
  /**
   * A script for `sh -eu` that is run in the root at the end.
   * @default - none
   */
  readonly script?: string;
}

/** What a lab runs on its hosts, and what tests run there beside it. */
export const LAB: RootContents = {
  packages: [
    ...new Set([...Object.values(PROGRAMS.hosts), "bird2", "ca-certificates", "curl", "openssl", "procps"]),
  ].sort(),
};

/** Written last; says what is installed, and what was done then. */
const MARK = "etc/dns-lb-packages";

/** The release that this machine does not have, of the two that labs are tried with. */
export function otherSuite(): string {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return /^VERSION_CODENAME=trixie$/m.test(release) ? "bookworm" : "trixie";
}

/** Where the root of a suite is kept. Not below /tmp, where files that nobody reads are removed one by one. */
export function rootFolder(suite: string): string {
  return `/var/cache/dns-lb/${suite}`;
}

/** Tells whether a folder is the root of a Debian system with all that is wanted, by default with what a lab needs. */
export function isComplete(folder: string, contents = LAB): boolean {
  const mark = join(folder, MARK);
  return existsSync(mark) && readFileSync(mark, "utf8") === contentOfMark(contents);
}

/**
 * Makes the root of a Debian system in a folder, by default for labs, unless it is there. It gets its name when it is complete, so
 * that this may be interrupted, and done twice at the same time.
 */
export async function provideRoot(
  suite: string,
  folder = rootFolder(suite),
  contents = LAB,
  step: Step = (_, work) => work(),
): Promise<void> {
  if (!/^[a-z]+$/.test(suite)) throw new Error(`a suite of Debian is a word such as "trixie", got "${suite}"`);
  if (isComplete(folder, contents)) return;
  if (existsSync(folder) && !existsSync(join(folder, MARK))) {
    throw new Error(`${folder} is there, and was not made by this program; name another folder, or remove it`);
  }
  mkdirSync(dirname(folder), { recursive: true });
  removeAbandoned(folder);
  const made = `${folder}.new-${process.pid}`;
  try {
    await step(`making a minimal ${suite}`, () => debootstrap(suite, made));
    await step(`installing ${contents.packages.length} packages in it`, () => installInto(made, contents.packages));
    if (contents.script !== undefined) await runInside(made, contents.script);
    writeFileSync(join(made, MARK), contentOfMark(contents));
    if (isComplete(folder, contents)) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } catch (error) {
    if (!isComplete(folder, contents)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

function contentOfMark({ packages, script = "" }: RootContents): string {
  return `${packages.join("\n")}\n${script}`;
}

/** Removes what runs that were killed have left beside a folder: its name, `.new-` and the number of their process. */
export function removeAbandoned(folder: string): void {
  for (const name of readdirSync(dirname(folder))) {
    const pid = name.startsWith(`${basename(folder)}.new-`) ? /\d+$/.exec(name)?.[0] : undefined;
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}
