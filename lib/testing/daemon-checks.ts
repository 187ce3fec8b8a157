import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hostCidr } from "../core/ip.js";
import { type Frontend, poolsBehind } from "../model/frontend.js";
import { listenersOf } from "../model/listener.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec, SecretFile } from "../model/node-spec.js";
import type { DaemonVersions, PlatformProfile } from "../model/platform-profile.js";
import type { Secret } from "../model/secret.js";
import type { Statistics } from "../model/statistics.js";
import type { VirtualAddress } from "../model/virtual-address.js";
import { agentFiles } from "../node/agent/files.js";
import { TestingError } from "./errors.js";
import { CertificateAuthority } from "./lab/certificates.js";
import { command } from "./lab/command.js";
import { LabError } from "./lab/errors.js";
import { pemOf } from "./lab/secret.js";
import { installedVersion } from "./lab/versions.js";
import { onAnyMachine, withoutLimits } from "./machine-limits.js";
import { NodeUnderTest } from "./nodes-of.js";

/** The directory of the checks, in a mount namespace of their own. */
const HERE = "/run/dns-lb-check";

/** The file that says that the checkers were started. */
const READY = "ready";

/**
 * The errors that the daemons' own checkers report for a node's configuration; empty if there are none. The node is
 * compiled for the installed versions of the daemons that it has, with placeholder secrets. Runs in namespaces of its own
 * and leaves nothing behind.
 */
export async function daemonComplaints(under: NodeUnderTest): Promise<string> {
  const { node, spec, work } = under;
  const { frontends = [], statistics, virtualAddresses = [] } = work.kind === "load-balancer" ? work.loadBalancer : {};
  const directory = await mkdtemp(join(tmpdir(), "dns-lb-check-"));
  try {
    const { files, secretFiles } = onThisMachine(under).specFor(await profileHere(spec));
    let made: Promise<CertificateAuthority> | undefined;
    const authority = () => {
      made ??= CertificateAuthority.create(join(directory, "ca"));
      return made;
    };
    for (const { path, content } of files) await write(join(directory, "bundle", path), content, 0o644);
    const certificates = new Map<Secret, Promise<string>>();
    for (const file of secretFiles) {
      const secret = await placeholderSecret(file, frontends, statistics, authority, certificates);
      await write(join(directory, "bundle", file.path), secret, 0o600);
    }
    for (const { path, content, executable } of agentFiles()) {
      await write(join(directory, "agent", path), content, executable ? 0o755 : 0o644);
    }
    const isRoot = process.getuid?.() === 0;
    const { status, stdout, stderr } = await command(
      [
        ...["unshare", "--mount", "--net", ...(isRoot ? [] : ["--map-root-user"])],
        ...["sh", "-ec", script(virtualAddresses, node), "sh", directory],
      ],
      { mayFail: true },
    );
    if (status === 0) return "";
    if (!existsSync(join(directory, READY))) {
      throw new TestingError(
        `the checks of node "${node.name}" cannot run on this machine: ${(stderr + stdout).trim()}`,
      );
    }
    return (stderr + stdout).trim() || `the check ended with status ${status} and no output`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function onThisMachine({ work, node, spec }: NodeUnderTest): NodeUnderTest {
  const here = work.kind === "server" ? work : { ...work, loadBalancer: onAnyMachine(work.loadBalancer) };
  return new NodeUnderTest(here, withoutLimits(node), spec);
}

async function profileHere({ profile, manifest, node }: NodeSpec): Promise<PlatformProfile> {
  const paths = { ...profile.paths, state: `${HERE}/state`, run: `${HERE}/run`, agent: `${HERE}/agent` };
  const names = manifest.services.map(({ name }) => name).filter((name) => isVersioned(name, profile.versions));
  try {
    const found = await Promise.all(
      names.map(async (name) => [name, await installedVersion(name, undefined, "")] as const),
    );
    const users = { user: "root", watchUser: "root" };
    return { ...profile, versions: { ...profile.versions, ...Object.fromEntries(found) }, paths, ...users };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    throw new TestingError(`to check node "${node}", this machine needs ${names.join(", ")}: ${error.message}`);
  }
}

function isVersioned(name: string, versions: DaemonVersions): name is keyof DaemonVersions {
  return Object.hasOwn(versions, name);
}

/** keepalived requires that its interfaces exist, and that only root can write its scripts. */
function script(virtualAddresses: readonly VirtualAddress[], node: NodeDescription): string {
  const interfaces = [...new Set([node.interface, ...virtualAddresses.map((each) => each.interface)])];
  return [
    "mount -t tmpfs -o mode=755 tmpfs /run",
    `mkdir -m 755 ${HERE} ${HERE}/state ${HERE}/run`,
    `cp -R "$1/bundle" "$1/agent" ${HERE}`,
    "ip link set lo up",
    // The settings that the agent requires for virtual addresses on lo.
    "echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore",
    "echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce",
    ...interfaces.flatMap((name, index) => [
      `ip link add ${name} type veth peer name far${index}`,
      `ip link set far${index} up`,
      `ip link set ${name} up`,
    ]),
    ...node.addresses.map((address) => `ip address add ${hostCidr(address)} dev ${node.interface}`),
    // From here on it is the daemons that complain.
    `: >"$1/${READY}"`,
    `exec ${HERE}/agent/dns-lb-agent --state ${HERE}/state --run ${HERE}/run validate ${HERE}/bundle`,
  ].join("\n");
}

const TICKET_KEYS = ["a", "b", "c"].map((each) => `${Buffer.from(each.repeat(48)).toString("base64")}\n`).join("");

async function placeholderSecret(
  file: SecretFile,
  frontends: readonly Frontend[],
  statistics: Statistics | undefined,
  authority: () => Promise<CertificateAuthority>,
  certificates: Map<Secret, Promise<string>>,
): Promise<string> {
  const listeners = frontends.flatMap((frontend) => listenersOf(frontend, "dot"));
  const trusted = [
    ...listeners.map(({ clientAuth }) => clientAuth?.trust),
    ...frontends.flatMap((frontend) => listenersOf(frontend, "pass-through")).map(({ trust }) => trust),
    ...frontends.flatMap(poolsBehind).map(({ pool }) => pool.trust),
  ];
  if (trusted.includes(file.source)) return (await authority()).pem;
  const certificate = file.keyOf ?? file.source;
  const served = listeners.filter((each) => [each.certificate, ...(each.moreCertificates ?? [])].includes(certificate));
  const names = served.map(({ serverName = "dns.test" }) => serverName);
  if (statistics?.certificate === certificate) names.push("dns.test");
  if (names.length > 0) {
    const issued = certificates.get(certificate) ?? issue(await authority(), names);
    certificates.set(certificate, issued);
    return pemOf(file, await issued);
  }
  if (listeners.some(({ ticketKeys }) => ticketKeys === file.source)) return TICKET_KEYS;
  // A password, or the Base64 of a key.
  return "bWFkZS11cA==";
}

async function issue(authority: CertificateAuthority, names: readonly string[]): Promise<string> {
  return (await authority.issue([...new Set(names)])).pem;
}

async function write(path: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode });
}
