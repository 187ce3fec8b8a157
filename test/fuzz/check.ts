import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runtimeLua } from "../../lib/config/dnsdist/runtime.js";
import { WATCH } from "../../lib/model/daemon-name.js";
import type { Service } from "../../lib/model/manifest.js";
import type { NodeSpec } from "../../lib/model/node-spec.js";
import type { DaemonVersions } from "../../lib/model/platform-profile.js";
import { agentFiles } from "../../lib/node/agent/files.js";
import { command } from "../../lib/testing/lab/command.js";
import { installedVersions } from "../../lib/testing/lab/versions.js";
import type { NodeUnderTest } from "../../lib/testing/nodes-of.js";
import { ANNOUNCEMENT, composed, network, PRAISE, RELEASE, STATE } from "../real/golden/check.js";

/**
 * Has the daemons' own checkers judge nodes as `toPassDaemonChecks()` does, but without the agent, with one certificate for
 * all, and the same files only once: so that a hundred apps take a minute.
 */
export class Checks {
  private readonly known = new Set<string>();

  private constructor(
    private readonly versions: DaemonVersions,
    /** The folder of the agent. */
    private readonly agent: string,
    private readonly pem: string,
  ) {}

  /** Makes what all checks share in a folder. */
  static async start(folder: string, pem: string): Promise<Checks> {
    const agent = join(folder, "agent");
    for (const { path, content, executable } of agentFiles()) {
      write(join(agent, path), content, executable ? 0o755 : 0o644);
    }
    return new Checks(await installedVersions(undefined), agent, pem);
  }

  /** What a checker says against a node, or says at all; empty if nothing. */
  async complaints(node: NodeUnderTest): Promise<string> {
    const spec = node.specFor({ ...node.spec.profile, versions: this.versions });
    const keys = new Map(spec.manifest.services.map(({ name }) => [name, keyOf(spec, name)]));
    const isNew = (name: string) => name !== WATCH && !this.known.has(keys.get(name) ?? "");
    const services = spec.manifest.services.filter(({ name }) => isNew(name));
    if (services.length === 0) return "";
    const directory = mkdtempSync(join(tmpdir(), "dns-lb-check-"));
    try {
      this.write(spec, directory);
      const script = scriptOf(join(directory, "release"), services);
      const argv = ["unshare", "--mount", "--net", "sh", "-c", script, "sh", directory, this.agent];
      const { status, stdout, stderr } = await command(argv, { env: { DNSLB_RELEASE: RELEASE }, mayFail: true });
      if (status !== 0) return `the checks did not run: ${stderr}${stdout}`;
      const wrong = services.flatMap(({ name }) => {
        const [said, ended] = ["said", "ended"].map((kind) => readFileSync(join(directory, `${name}-${kind}`), "utf8"));
        return ended === "0\n" && PRAISE[name]?.test(said ?? "") ? [] : [`${name}: ${said}ended with status ${ended}`];
      });
      if (wrong.length === 0) for (const { name } of services) this.known.add(keys.get(name) ?? "");
      return wrong.join("\n");
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** Writes a release with made-up secrets, and what the agent makes beside it. */
  private write({ files, secretFiles, manifest }: NodeSpec, directory: string): void {
    const release = join(directory, "release");
    for (const { path, content } of files) write(join(release, path), content, 0o644);
    write(join(release, "dnsdist/runtime.lua"), runtimeLua(), 0o644);
    for (const { path } of secretFiles)
      write(join(release, path), path.endsWith(".pem") ? this.pem : "made-up\n", 0o600);
    for (const file of manifest.compose) write(join(release, file.path), composed(file), 0o600);
    const keys = ["a", "b", "c"].map((each) => `${Buffer.from(each.repeat(80)).toString("base64")}\n`).join("");
    for (const { name } of manifest.tls ?? []) write(join(directory, "run", `haproxy-tickets-${name}`), keys, 0o600);
    write(join(directory, "run/haproxy-servers"), "1\n", 0o644);
    write(join(directory, "run", ANNOUNCEMENT.path), ANNOUNCEMENT.text, 0o644);
  }
}

/** Runs the checkers where a node has its release; each one's words and status are left in files. */
function scriptOf(release: string, services: readonly Service[]): string {
  return [
    "set -e",
    ...["/run", "/usr/libexec", "/var/lib"].map((path) => `mount -t tmpfs -o mode=755 tmpfs ${path}`),
    `mkdir -p /usr/libexec/dns-lb ${dirname(RELEASE)}`,
    'cp -R "$1/run" /run/dns-lb',
    `cp -R "$1/release" ${RELEASE}`,
    'mount --bind "$2" /usr/libexec/dns-lb',
    ...network(release),
    "set +e",
    ...services.map(({ name, check, settings }) => {
      const filter = settings["filter"] === undefined ? "" : `nft -c -f ${RELEASE}/${settings["filter"]} && `;
      const words = check.map((word) => word.replaceAll("{release}", RELEASE).replaceAll("{state}", STATE));
      const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
      return `( ${filter}exec ${quoted} ) >"$1/${name}-said" 2>&1; echo $? >"$1/${name}-ended"`;
    }),
    "exit 0",
  ].join("\n");
}

/** A digest of what a service's checker reads. */
function keyOf({ files, secretFiles, manifest }: NodeSpec, service: string): string {
  const own = files.filter(({ path }) => path.startsWith(`${service}/`));
  const named = [...secretFiles, ...manifest.compose].map(({ path }) => path);
  return createHash("sha256")
    .update(JSON.stringify([service, own, named]))
    .digest("hex");
}

function write(path: string, content: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
}
