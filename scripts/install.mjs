import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Failure, isCi, root, run } from "./run.mjs";
import { step } from "./step.mjs";

/** What the suites with real daemons run, and the Debian package that each comes in. */
export const PROGRAMS = [
  { program: "haproxy", package: "haproxy" },
  { program: "keepalived", package: "keepalived" },
  { program: "dnsdist", package: "dnsdist" },
  { program: "unbound", package: "unbound" },
  { program: "nsd", package: "nsd" },
  { program: "bird", package: "bird2" },
  { program: "dig", package: "bind9-dnsutils" },
  { program: "kdig", package: "knot-dnsutils" },
  { program: "dnsperf", package: "dnsperf" },
  { program: "nft", package: "nftables" },
  { program: "ip", package: "iproute2" },
  { program: "sysctl", package: "procps" },
  { program: "systemd-analyze", package: "systemd" },
  { program: "curl", package: "curl" },
  { program: "openssl", package: "openssl" },
  { program: "shellcheck", package: "shellcheck" },
  { program: "python3", package: "python3" },
  { program: "sudo", package: "sudo" },
  { program: "cloud-init", package: "cloud-init" },
];

/** What the bench runs beside them: peers of the load balancer, and tools to measure with. */
export const BENCH_PROGRAMS = [
  { program: "nginx", package: "nginx" },
  { program: "/usr/lib/nginx/modules/ngx_stream_module.so", package: "libnginx-mod-stream" },
  { program: "taskset", package: "util-linux" },
  { program: "perf", package: "linux-perf" },
];

/** What looks at the pictures and pages of reviews, and the font whose widths they are laid out for. */
export const REVIEW_PROGRAMS = [
  { program: "chromium", package: "chromium" },
  { program: "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", package: "fonts-dejavu-core" },
];

/** What compiles the mixin in `monitoring/`, and judges and tests its rules. */
export const MIXIN_PROGRAMS = [
  { program: "jsonnet", package: "jsonnet" },
  { program: "jsonnetfmt", package: "jsonnet" },
  { program: "promtool", package: "prometheus" },
];

/** What `npm run test:monitoring` runs beside the lab. */
export const MONITORING_PROGRAMS = [
  ...MIXIN_PROGRAMS,
  { program: "prometheus", package: "prometheus" },
  { program: "prometheus-alertmanager", package: "prometheus-alertmanager" },
];

const CERTIFICATES = { file: "/etc/ssl/certs/ca-certificates.crt", package: "ca-certificates" };
const POLICY = "/usr/sbin/policy-rc.d";
/** cloud-init is there for its checker: it must not take this machine for a new one at its next boot. */
const NO_CLOUD_INIT = "/etc/cloud/cloud-init.disabled";

/** Installs the npm packages of the lock file, unless exactly those are there already. */
export async function ensureNpmPackages() {
  requireNode();
  if (npmPackagesAreCurrent()) return;
  // Install scripts are left out: none is needed, and one of cdktf-cli's packages would compile C++.
  await install("npm packages", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
}

/**
 * Installs the daemons and tools that the suites with real daemons run. What cannot be had is said in one line.
 *
 * @param {readonly { program: string, package: string }[]} programs
 * @returns {Promise<string[]>} the programs that are still missing
 */
export async function ensurePrograms(programs = PROGRAMS) {
  const packages = missingPackages(programs);
  if (packages.length === 0) return [];
  const missing = missingPrograms(programs);
  const how = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  const name = missing.length === 0 ? packages : missing;
  if (!isDebian()) {
    console.log(`missing: ${name.join(", ")} (not a Debian system; there: ${how})`);
    return missing;
  }
  if (process.getuid?.() !== 0) {
    console.log(`missing: ${name.join(", ")}; get them with: sudo ${how}`);
    return missing;
  }
  if (!(await agreed(`Install these Debian packages: ${packages.join(" ")}?`))) {
    console.log(`missing: ${name.join(", ")}; get them with: ${how}`);
    return missing;
  }
  await installPackages(packages);
  return missingPrograms(programs);
}

/**
 * Makes the root of the Debian release that this machine does not have, for labs with its daemons, unless it is there.
 *
 * @returns {Promise<string | undefined>} why it cannot be had
 */
export async function ensureDebianRoot() {
  const program = ["--require", "tsx/cjs", "scripts/debian/main.ts"];
  const { status } = await run(process.execPath, [...program, "--check"]);
  if (status === 0) return undefined;
  const what = "the daemons of another release of Debian";
  if (!isDebian()) return `${what}: not a Debian system`;
  if (process.getuid?.() !== 0) return `${what}: root is needed for debootstrap`;
  if (!hasProgram("debootstrap")) {
    const packages = ["debootstrap", "debian-archive-keyring"];
    const question = `Install these Debian packages, for labs with ${what}: ${packages.join(" ")}?`;
    if (!(await agreed(question))) return `${what}: debootstrap is not installed`;
    await installPackages(packages);
  }
  try {
    await install(what, process.execPath, program);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `${what}: ${error.message}`;
  }
}

/**
 * The programs, by default those of `PROGRAMS`, that this machine lacks.
 *
 * @param {readonly { program: string, package: string }[]} programs
 */
export function missingPrograms(programs = PROGRAMS) {
  return programs.filter(({ program }) => !hasProgram(program)).map(({ program }) => program);
}

/** Tells whether a program can be found, also where daemons live, or a file by its path. @param {string} program */
export function hasProgram(program) {
  if (program.startsWith("/")) return existsSync(program);
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  return folders.some((folder) => folder !== "" && existsSync(join(folder, program)));
}

/** @param {readonly { program: string, package: string }[]} programs */
function missingPackages(programs) {
  const packages = programs.filter(({ program }) => !hasProgram(program)).map((entry) => entry.package);
  if (isDebian() && !existsSync(CERTIFICATES.file)) packages.push(CERTIFICATES.package);
  return [...new Set(packages)];
}

/** @param {readonly string[]} packages */
async function installPackages(packages) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0"];
  await install("Debian package lists", "apt-get", [...wait, "-q", "update"], env);

  // Daemons are for namespaces of the tests: on this host none may start, now or at the next boot.
  const guarded = !existsSync(POLICY);
  if (guarded) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const before = units();
  if (packages.includes("cloud-init")) {
    mkdirSync(dirname(NO_CLOUD_INIT), { recursive: true });
    writeFileSync(NO_CLOUD_INIT, "");
  }
  try {
    const keep = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"];
    const words = [...wait, ...keep, "-q", "-y", "--no-install-recommends", "install", ...packages];
    await install(`Debian packages ${packages.join(" ")}`, "apt-get", words, env);
  } finally {
    if (guarded) rmSync(POLICY, { force: true });
  }
  const added = [...units()].filter((unit) => !before.has(unit));
  if (added.length > 0 && hasProgram("systemctl")) {
    const { status, output } = await run("systemctl", ["disable", "--quiet", ...added]);
    if (status !== 0) console.log(`could not switch off ${added.join(" ")} for the next boot: ${output}`);
  }
}

/** The systemd services, sockets and timers that packages have brought. */
function units() {
  const found = new Set();
  for (const folder of ["/lib/systemd/system", "/usr/lib/systemd/system"]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      if (/^[^@]+\.(service|socket|timer)$/.test(name)) found.add(name);
    }
  }
  return found;
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 9)) return;
  throw new Failure(`Node.js 20.9 or newer is needed, this is ${process.versions.node}`);
}

/** Compares the lock file with npm's own record of what it installed; times of files say nothing after a clone. */
function npmPackagesAreCurrent() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || (entry.optional && !installed[path])) return true;
    return installed[path]?.version === entry.version && installed[path]?.integrity === entry.integrity;
  });
}

function isDebian() {
  if (!existsSync("/etc/os-release") || !hasProgram("apt-get")) return false;
  return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"));
}

/** Asks where a person sits at the terminal, and nowhere else. @param {string} question */
async function agreed(question) {
  if (isCi || !process.stdin.isTTY || !process.stdout.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [Y/n] `);
  terminal.close();
  return !/^n/i.test(answer.trim());
}

/**
 * @param {string} what
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 */
async function install(what, command, args, env = {}) {
  const { status, output } = await step(`installing ${what}`, () => run(command, args, { env, limit: 900 }));
  if (status !== 0) throw new Failure(`installing ${what} failed (${command} ${args.join(" ")}):\n${output}`);
}
