import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { programFolders } from "./environment.js";
import { LabError } from "./errors.js";

/** A requirement of a lab that this machine does not meet. */
export interface MissingRequirement {
  readonly what: string;
  /** How to meet the requirement. */
  readonly fix: string;
}

/** The programs that a lab runs, each with its Debian package. */
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

/** The user of HAProxy and dnsdist in a lab. */
export const DAEMON_USER = "haproxy";

/** The path of an installed program. */
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

/** The requirements of a lab that this machine does not meet; empty if a lab can start. */
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

/** Throws if this machine does not meet all requirements of a lab; the error lists all. */
export function checkRequirements(programs = PROGRAMS): void {
  const missing = missingRequirements(programs);
  if (missing.length === 0) return;
  const lines = missing.map(({ what, fix }) => `  ${what} is missing: ${fix}`);
  throw new LabError(`a lab cannot start here:\n${lines.join("\n")}`);
}
