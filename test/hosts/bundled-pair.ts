import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { App, TerraformStack } from "cdktf";
import {
  BundleNode,
  Certificate,
  DEBIAN_12,
  DEBIAN_13,
  DotListener,
  HaPair,
  HealthCheck,
  ResolverPool,
  Secret,
} from "../../lib/index.js";
import type { RunResult } from "../e2e/run.js";
import type { Machine } from "./machine.js";
import { HEALTH } from "./probe.js";

/** What a pair is made of. */
export interface BundledPairPlan {
  /** The folder that synthesis writes to. */
  readonly directory: string;
  readonly machines: readonly Machine[];
  /** The release of Debian of each, by name. */
  readonly debian: Readonly<Record<string, 12 | 13>>;
  readonly virtualAddress: string;
  /** The addresses of the servers. */
  readonly servers: readonly string[];
  /** Certificate, chain and key for DNS over TLS. */
  readonly certificate: string;
  /** Of the statistics. */
  readonly password: string;
}

const FOLDER = "/opt/dns-lb";
const SECRETS = { password: "/etc/dns-lb/password", certificate: "/etc/dns-lb/dot.pem" } as const;

/**
 * A pair on machines that Terraform does not reach: what a deployment runs on a host is run there by hand, one node after the
 * other.
 */
export class BundledPair {
  private constructor(private readonly folder: string) {}

  static async create(plan: BundledPairPlan): Promise<BundledPair> {
    const pair = new BundledPair(synthesize(plan));
    const prepared = plan.machines.map(async (machine) => {
      await write(machine, SECRETS.password, plan.password);
      await write(machine, SECRETS.certificate, plan.certificate);
      await write(machine, `${FOLDER}/host.sh`, pair.read("host.sh"));
      await write(machine, `${FOLDER}/release.json`, pair.read(`${machine.name}.json`));
      await machine.mustExec(["sh", `${FOLDER}/host.sh`, `${FOLDER}/files`]);
      const { code, stdout, stderr } = await pair.bootstrap(machine);
      if (code !== 0) throw new Error(stdout + stderr);
    });
    await Promise.all(prepared);
    for (const machine of plan.machines) {
      await machine.mustExec(["dns-lb-agent", "submit", `${FOLDER}/release.json`]);
    }
    return pair;
  }

  /** Makes a machine a node, or brings it up to date. */
  bootstrap(machine: Machine, ...options: readonly string[]): Promise<RunResult> {
    const command = this.read(`${machine.name}.txt`).trim();
    return machine.exec(["sh", "-c", `cd ${FOLDER}/files && ${[command, ...options].join(" ")}`]);
  }

  private read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }
}

function synthesize({ directory, machines, debian, virtualAddress, servers }: BundledPairPlan): string {
  const outdir = join(directory, "bundled");
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "dns");
  const [one, two] = machines.map(({ name, address, address6 }) => {
    const versions = debian[name] === 12 ? DEBIAN_12 : DEBIAN_13;
    return new BundleNode(stack, name, { address, address6, versions });
  });
  if (one === undefined || two === undefined) throw new Error("a pair is of two machines");
  const pair = new HaPair(stack, "Dns", {
    nodes: [one, two],
    virtualRouterId: 53,
    virtualAddresses: [{ address: virtualAddress }],
    statistics: { user: "ops", password: Secret.fromNodeFile(SECRETS.password), address: virtualAddress },
  });
  const pool = new ResolverPool(stack, "Resolvers", {
    servers: servers.map((address, index) => ({ name: `resolver${index + 1}`, address })),
    healthCheck: HealthCheck.query(HEALTH),
  });
  const frontend = pair.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"] });
  new DotListener(stack, "Dot", { frontend, certificate: Certificate.fromNodeFile(SECRETS.certificate) });
  app.synth();
  return join(outdir, "stacks", "dns", "bundles");
}

/** Writes a text file of a machine, which is no longer, compressed, than an argument may be. */
async function write(machine: Machine, path: string, text: string): Promise<void> {
  const script = 'umask 077; mkdir -p "$(dirname "$1")"; echo "$2" | base64 -d | gunzip >"$1"';
  await machine.mustExec(["sh", "-ec", script, "sh", path, gzipSync(text).toString("base64")]);
}
