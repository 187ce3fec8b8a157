import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { programFolders } from "./environment.js";
import { LabError } from "./errors.js";
import { checkRoot, ROOT_TOOLS } from "./root.js";

/** A requirement of a lab that this machine does not meet. */
export interface MissingRequirement {
  readonly what: string;
  /** How to meet the requirement. */
  readonly fix: string;
}

/** Programs, each with its Debian package. */
type Programs = Readonly<Record<string, string>>;

/** The programs that a lab runs. */
export const PROGRAMS: { readonly network: Programs; readonly hosts: Programs } = {
  /** For the network and its certificates; always those of this machine. */
  network: {
    ip: "iproute2",
    sysctl: "procps",
    nft: "nftables",
    openssl: "openssl",
  },
  /** On nodes and servers. */
  hosts: {
    ip: "iproute2",
    python3: "python3",
    haproxy: "haproxy",
    dnsdist: "dnsdist",
    keepalived: "keepalived",
    nft: "nftables",
    unbound: "unbound",
    "unbound-control": "unbound",
    nsd: "nsd",
    "nsd-control": "nsd",
  },
};

/** The programs that routers before the nodes of a group run, and these nodes. */
export const ROUTER_PROGRAMS: Programs = { bird: "bird2" };

/** The user of HAProxy and dnsdist in a lab. */
export const DAEMON_USER = "haproxy";

/** The user of the watch in a lab: one that every Debian system has, and that runs nothing there. */
export const WATCH_USER = "daemon";

/** The path of a program that is installed on this machine or, if given, in the Debian system in the folder `root`. */
export function findProgram(program: string, root = ""): string | undefined {
  return programFolders()
    .map((folder) => join(root, folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function hasUser(name: string, root = ""): boolean {
  try {
    const lines = readFileSync(`${root}/etc/passwd`, "utf8").split("\n");
    return lines.some((line) => line.startsWith(`${name}:`));
  } catch {
    return false;
  }
}

/** The requirements of a lab that this machine, or the Debian system in `root`, does not meet; empty if it can start. */
export function missingRequirements(programs = PROGRAMS, root?: string): MissingRequirement[] {
  if (process.platform !== "linux") {
    return [{ what: "Linux", fix: "run the lab on a Linux machine, or in a privileged container of one" }];
  }
  const place = root === undefined ? "" : ` in ${root}`;
  const install = root === undefined ? "apt-get install" : `chroot ${root} apt-get install`;
  const network = absent({ ...programs.network, ...(root === undefined ? programs.hosts : ROOT_TOOLS) });
  const hosts = root === undefined ? [] : absent(programs.hosts, root);
  return [
    ...(process.getuid?.() === 0 ? [] : [{ what: "root", fix: "run it as root: network namespaces need it" }]),
    ...network.map(([program, source]) => ({ what: `the program ${program}`, fix: `apt-get install ${source}` })),
    ...hosts.map(([program, source]) => ({ what: `the program ${program}${place}`, fix: `${install} ${source}` })),
    ...(hasUser(DAEMON_USER, root) ? [] : [{ what: `the user ${DAEMON_USER}${place}`, fix: `${install} haproxy` }]),
    ...(hasUser(WATCH_USER, root) ? [] : [{ what: `the user ${WATCH_USER}${place}`, fix: `${install} base-passwd` }]),
  ];
}

function absent(programs: Programs, root?: string): [string, string][] {
  return Object.entries(programs).filter(([program]) => findProgram(program, root) === undefined);
}

/** Throws if this machine, or the Debian system in `root`, does not meet all requirements of a lab; lists all. */
export function checkRequirements(programs = PROGRAMS, root?: string): void {
  if (root !== undefined) checkRoot(root);
  const missing = missingRequirements(programs, root);
  if (missing.length === 0) return;
  const lines = missing.map(({ what, fix }) => `  ${what} is missing: ${fix}`);
  throw new LabError(`a lab cannot start here:\n${lines.join("\n")}`);
}
