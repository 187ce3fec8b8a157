import { accessSync, constants } from "node:fs";
import { join } from "node:path";
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

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

function isInstalled(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(":"), ...SYSTEM_FOLDERS];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What a lab needs and this machine has not: nothing, if a lab can start. */
export function missingRequirements(): MissingRequirement[] {
  const missing: MissingRequirement[] = [];
  if (process.platform !== "linux") {
    return [{ what: "Linux", fix: "run the lab on a Linux machine, or in a privileged container of one" }];
  }
  if (process.getuid?.() !== 0) missing.push({ what: "root", fix: "run it as root: network namespaces need it" });
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    if (!isInstalled(program))
      missing.push({ what: `the program ${program}`, fix: `apt-get install ${debianPackage}` });
  }
  return missing;
}

/** Refuses to start a lab where something is missing, all of it at once. */
export function checkRequirements(): void {
  const missing = missingRequirements();
  if (missing.length === 0) return;
  const lines = missing.map(({ what, fix }) => `  ${what} is missing: ${fix}`);
  throw new LabError(`a lab cannot start here:\n${lines.join("\n")}`);
}
