import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { programFolders } from "./environment.js";
import { LabError } from "./errors.js";

/** Something that a lab needs and this machine has not. */
export interface MissingRequirement {
  readonly what: string;
  /** How to get it. */
  readonly fix: string;
}

/** The programs that a lab runs, each with the Debian package that has it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  ip: "iproute2",
  sysctl: "procps",
  nft: "nftables",
  openssl: "openssl",
  python3: "python3",
  haproxy: "haproxy",
  dnsdist: "dnsdist",
  keepalived: "keepalived",
  unbound: "unbound",
  "unbound-control": "unbound",
  nsd: "nsd",
  "nsd-control": "nsd",
};

/** The user that HAProxy and dnsdist run as. */
export const DAEMON_USER = "haproxy";

/** Where a program is installed. */
export function findProgram(program: string): string | undefined {
  return programFolders()
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function hasUser(name: string): boolean {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .some((line) => line.startsWith(`${name}:`));
}

/** What a lab needs and this machine has not: nothing, if a lab can start. */
export function missingRequirements(programs = PROGRAMS): MissingRequirement[] {
  if (process.platform !== "linux") {
    return [{ what: "Linux", fix: "run the lab on a Linux machine, or in a privileged container of one" }];
  }
  const absent = Object.entries(programs).filter(([program]) => findProgram(program) === undefined);
  return [
    ...(process.getuid?.() === 0 ? [] : [{ what: "root", fix: "run it as root: network namespaces need it" }]),
    ...absent.map(([program, source]) => ({ what: `the program ${program}`, fix: `apt-get install ${source}` })),
    ...(hasUser(DAEMON_USER) ? [] : [{ what: `the user ${DAEMON_USER}`, fix: "apt-get install haproxy" }]),
  ];
}

/** Refuses to start a lab where something is missing, all of it at once. */
export function checkRequirements(programs = PROGRAMS): void {
  const missing = missingRequirements(programs);
  if (missing.length === 0) return;
  const lines = missing.map(({ what, fix }) => `  ${what} is missing: ${fix}`);
  throw new LabError(`a lab cannot start here:\n${lines.join("\n")}`);
}
