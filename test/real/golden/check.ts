import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runtimeLua } from "../../../lib/config/dnsdist/runtime.js";
import { hostCidr } from "../../../lib/core/ip.js";
import { WATCH } from "../../../lib/model/daemon-name.js";
import type { ComposedFile, Manifest } from "../../../lib/model/manifest.js";
import { agentFiles } from "../../../lib/node/agent/files.js";
import { command } from "../../../lib/testing/lab/command.js";

/** Where a node that runs in Docker has its release. */
export const STATE = "/var/lib/dns-lb";
export const RELEASE = `${STATE}/releases/golden`;

/** All that the checkers say of a good release in a folder. HAProxy 3.0 says nothing. */
export const PRAISE: Readonly<Record<string, RegExp>> = {
  haproxy: /^(Configuration file is valid\n)?$/,
  dnsdist: new RegExp(`^Configuration '${RELEASE}/dnsdist/dnsdist.conf' OK!\n$`),
  keepalived: /^$/,
  bird: /^$/,
  unbound: /^unbound-checkconf: no errors in .*\n$/,
  nsd: /^(zone \S+ is ok\n)*$/,
};

/** Where the announcer of a node says what BIRD announces, below the directory for sockets; and what it may say. */
export const ANNOUNCEMENT = { path: "private/announcement.conf", text: "define COST = 4;\ndefine STATE = 0;\n" };

/** Changes a file of a golden release before it is checked. */
export interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * What each daemon's checker says of a golden release as it is on disk; empty if it takes it. It lies where a node has
 * it, in namespaces of its own, beside the agent and made-up secrets.
 */
export async function complaintsOf(golden: string, change?: Change): Promise<Record<string, string>> {
  const directory = mkdtempSync(join(tmpdir(), "dns-lb-golden-"));
  try {
    const release = join(directory, "release");
    cpSync(golden, release, { recursive: true });
    if (change) replace(join(release, change.file), change);
    write(join(release, "dnsdist/runtime.lua"), runtimeLua());
    const manifest: Manifest = JSON.parse(readFileSync(join(release, "manifest.json"), "utf8"));
    await makeUpSecrets(release, manifest);
    for (const { path, content, executable } of agentFiles()) {
      write(join(directory, "agent", path), content, executable ? 0o755 : 0o644);
    }
    const complaints: Record<string, string> = {};
    for (const { name, check, settings } of manifest.services) {
      // The agent's own has no checker; labs run it.
      if (name === WATCH) continue;
      const filter = settings["filter"] === undefined ? "" : `nft -c -f ${RELEASE}/${settings["filter"]}`;
      const words = check.map((word) => word.replaceAll("{release}", RELEASE).replaceAll("{state}", STATE));
      const script = ["set -e", ...place(manifest), ...network(release), filter, 'shift; exec "$@" 2>&1'].join("\n");
      const { status, stdout, stderr } = await command(
        ["unshare", "--mount", "--net", "sh", "-c", script, "sh", directory, ...words],
        { env: { DNSLB_RELEASE: RELEASE }, mayFail: true },
      );
      const good = status === 0 && stderr === "" && PRAISE[name]?.test(stdout);
      complaints[name] = good ? "" : `${stderr}${stdout}ended with status ${status}`;
    }
    return complaints;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function replace(path: string, { from, to }: Change): void {
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new RangeError(`${path} has no "${from}"`);
  writeFileSync(path, text.replace(from, to));
}

/** One file serves as certificate, key and authority. */
async function makeUpSecrets(release: string, { compose }: Manifest): Promise<void> {
  const { stdout: pem } = await command([
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ...["-subj", "/CN=dns.test", "-keyout", "-"],
  ]);
  for (const path of secretsOf(release)) write(join(release, path), path.endsWith(".pem") ? pem : "made-up\n", 0o600);
  for (const file of compose) write(join(release, file.path), composed(file), 0o600);
}

/** A file that the agent composes of a secret, with one that is made up. */
export function composed(file: ComposedFile): string {
  if (file.kind === "release-metric") return 'dns_lb_release_info{release="golden"} 1\n';
  const { service, settings } = file;
  if (service === "bird") return `define ${settings["define"]} = "made-up";\n`;
  return service === "nsd"
    ? `name: "${settings["name"]}"\nalgorithm: ${settings["algorithm"]}\nsecret: "bWFkZS11cA=="\n`
    : `userlist ${settings["userlist"]}\n  user ${settings["user"]} insecure-password made-up\n`;
}

function secretsOf(release: string): string[] {
  const lines = readIfThere(join(release, "secrets.txt")).split("\n").filter(Boolean);
  return lines.map((line) => line.replace(/ from .*/, ""));
}

/** The paths of a node in Docker, where nothing of this machine is. */
function place({ tls = [] }: Manifest): string[] {
  return [
    ...["/run", "/usr/libexec", "/var/lib"].map((path) => `mount -t tmpfs -o mode=755 tmpfs ${path}`),
    `mkdir -p /run/dns-lb/${dirname(ANNOUNCEMENT.path)} ${dirname(RELEASE)}`,
    // What the agent makes sure of.
    "echo 1 >/run/dns-lb/haproxy-servers",
    `echo '${ANNOUNCEMENT.text}' >/run/dns-lb/${ANNOUNCEMENT.path}`,
    ...tls.map(
      ({ name }) => `for i in 1 2 3; do openssl rand 80 | base64 -w0; echo; done >/run/dns-lb/haproxy-tickets-${name}`,
    ),
    `cp -R "$1/release" ${RELEASE}`,
    'cp -R "$1/agent" /usr/libexec/dns-lb',
  ];
}

/** keepalived wants to see the interfaces and the addresses that it speaks from. */
export function network(release: string): string[] {
  const conf = readIfThere(join(release, "keepalived/keepalived.conf"));
  const interfaces = new Set([...conf.matchAll(/\b(?:interface|dev) (?!lo\b)(\S+)/g)].map(([, name]) => name));
  const sources = [...conf.matchAll(/^ *interface (\S+)$[^}]*?^ *unicast_src_ip (\S+)$/gm)];
  return [
    "ip link set lo up",
    ...[...interfaces].flatMap((name, index) => [
      `ip link add ${name} type veth peer name far${index}`,
      `ip link set far${index} up`,
      `ip link set ${name} up`,
    ]),
    ...sources.map(([, name, address = ""]) => `ip address add ${hostCidr(address)} dev ${name}`),
  ];
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function write(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
}
