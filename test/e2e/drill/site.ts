import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SETTINGS, type Settings } from "../../../examples/docker-pair/settings.js";
import { CertificateAuthority } from "../../../lib/testing/lab/certificates.js";
import type { LabClient } from "../../../lib/testing/lab/client.js";
import { provideBaseImage } from "../base-image.js";
import { MERGED } from "../engine/settings.js";
import { type Engine, startEngine } from "../engine.js";
import { type ProvidedProvider, provideProvider } from "../provider/provide.js";
import { until } from "../run.js";
import { makeTemporary } from "../temporary.js";
import { Workspace } from "../workspace.js";
import { Clients } from "./clients.js";
import { Cuts } from "./cuts.js";
import { DrillNode } from "./node.js";

export const TLS_NAME = "dns.example.com";
export const NETWORK = "dns-pair";
export const PAIR = ["lb1", "lb2"] as const;
export const SERVERS = ["resolver1", "resolver2", "auth1", "auth2"] as const;

/** The addresses of the nodes' hosts: an example's are contract enough to be written down once more. */
export const ADDRESSES = {
  lb1: ["172.30.53.2", "fd30:53::2"],
  lb2: ["172.30.53.3", "fd30:53::3"],
  resolver1: ["172.30.53.10", "fd30:53::10"],
  resolver2: ["172.30.53.11", "fd30:53::11"],
  auth1: ["172.30.53.20", "fd30:53::20"],
  auth2: ["172.30.53.21", "fd30:53::21"],
} as const satisfies Record<string, readonly [string, string]>;

export type PairName = (typeof PAIR)[number];

/** The secrets of the deployment: what must be found nowhere. */
export interface Secrets {
  readonly statistics: string;
  readonly transfer: string;
}

/** What came of one `cdktf deploy` or `cdktf destroy`. */
export interface Deployment {
  readonly code: number | null;
  readonly text: string;
  readonly seconds: number;
}

/** Options for `Site.deploy()`. */
export interface DeployOptions {
  /** Pairs of texts to be exchanged in what was synthesized for the pair. */
  readonly tamper?: readonly (readonly [string, string])[];
}

/** An engine on which examples/docker-pair is deployed, changed and broken. */
export class Site {
  readonly cuts: Cuts;
  readonly clients: Clients;
  readonly #nodes: ReadonlyMap<string, DrillNode>;
  /** What the settings of the example are replaced by now. */
  #settings: Partial<Settings>;
  /** All that deployments have printed. */
  readonly said: string[] = [];

  private constructor(
    readonly engine: Engine,
    readonly provider: ProvidedProvider,
    readonly workspace: Workspace,
    readonly authority: CertificateAuthority,
    readonly secrets: Secrets,
    settings: Partial<Settings>,
  ) {
    this.cuts = new Cuts(engine);
    this.clients = new Clients(engine, () => this.#bridge(), authority.pem);
    this.#nodes = new Map([...PAIR, ...SERVERS].map((name) => [name, new DrillNode(engine, name)]));
    this.#settings = settings;
  }

  /** Starts what is not there yet: engine, base image, provider. */
  static async open(): Promise<Site> {
    const engine = await startEngine({ alwaysOwn: true, settings: MERGED });
    try {
      const { tag } = await provideBaseImage(engine);
      const directory = makeTemporary("workspace");
      // All stacks lie equally deep.
      const provider = await provideProvider(join(directory, "cdktf.out", "stacks", "any"));
      const workspace = new Workspace(provider.environment, directory);
      const authority = await CertificateAuthority.create(join(workspace.directory, "authority"));
      const secrets = { statistics: random(), transfer: Buffer.from(`${random()}${random()}`).toString("base64") };
      mkdirSync(join(workspace.directory, "certs"));
      mkdirSync(join(workspace.directory, "secrets"), { mode: 0o700 });
      writeFileSync(join(workspace.directory, "secrets", "statistics"), secrets.statistics);
      writeFileSync(join(workspace.directory, "secrets", "transfer"), secrets.transfer);
      const site = new Site(engine, provider, workspace, authority, secrets, {
        host: engine.host,
        base: tag,
        serverBase: tag,
      });
      await site.renewCertificate();
      return site;
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  get settings(): Settings {
    return { ...SETTINGS, ...this.#settings };
  }

  node(name: string): DrillNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    return node;
  }

  get pair(): readonly DrillNode[] {
    return PAIR.map((name) => this.node(name));
  }

  get servers(): readonly DrillNode[] {
    return SERVERS.map((name) => this.node(name));
  }

  client(host: number): LabClient {
    return this.clients.at(`172.30.53.${host}`, `fd30:53::${host}`);
  }

  /** Puts another certificate for the same name in place; it is deployed with the next deployment. */
  async renewCertificate(): Promise<void> {
    const { pem } = await this.authority.issue([TLS_NAME]);
    this.writeCertificate(pem);
  }

  writeCertificate(pem: string): void {
    writeFileSync(this.certificate, pem, { mode: 0o600 });
  }

  keepCertificate(): () => void {
    const kept = `${this.certificate}.kept`;
    copyFileSync(this.certificate, kept);
    return () => copyFileSync(kept, this.certificate);
  }

  readCertificate(): string {
    return readFileSync(this.certificate, "utf8");
  }

  /** The container that brought a node its release. */
  async loaderOf(name: PairName): Promise<string> {
    return (await this.engine.docker.getContainer(`dns-lb-${name}-loader`).inspect()).Id;
  }

  /** Tells people of what is under way. */
  tell(text: string): void {
    process.stdout.write(`\n  ${text}`);
  }

  /** Deploys the example with what changes from here on. */
  async deploy(change: Partial<Settings> = {}, { tamper = [] }: DeployOptions = {}): Promise<Deployment> {
    const before = this.#settings;
    this.#settings = { ...before, ...change };
    const deployment = await this.#cdktf("deploy", JSON.stringify(tamper));
    // What the nodes refused is not what runs.
    if (deployment.code !== 0) this.#settings = before;
    return deployment;
  }

  destroy(): Promise<Deployment> {
    return this.#cdktf("destroy", "[]");
  }

  /** The node of the pair that has all virtual addresses; fails if they are not all on one. */
  async leader(): Promise<PairName> {
    const holders = await this.holders();
    const [name] = PAIR.filter((each) => holders.every((names) => names === each));
    if (name === undefined) throw new Error(`no single node has all virtual addresses: ${holders.join(", ")}`);
    return name;
  }

  /** Who has each virtual address. */
  async holders(): Promise<readonly string[]> {
    const held = await Promise.all(this.pair.map((node) => node.addresses()));
    return [...this.settings.internal, ...this.settings.public].map((address) =>
      PAIR.filter((_, index) => held[index]?.includes(address)).join("+"),
    );
  }

  /** Waits until both nodes and all servers are well, seen by both nodes, and one node leads; but for servers that are dead on purpose. */
  async settle(seconds = 60, dead: readonly string[] = []): Promise<void> {
    let wrong = "";
    const well = async () => {
      wrong = await this.#wrong(dead);
      return wrong === "";
    };
    await until("everything is well", seconds, well).catch(() => {
      throw new Error(`not well within ${seconds} s: ${wrong}`);
    });
  }

  async close(): Promise<void> {
    await this.clients.close();
    this.workspace.remove();
    this.provider.stop();
    await this.engine.stop();
  }

  /** The bridge of the pair's network, as it is now. */
  async #bridge(): Promise<string> {
    const { Id: id } = await this.engine.docker.getNetwork(NETWORK).inspect();
    return `br-${id.slice(0, 12)}`;
  }

  async #wrong(dead: readonly string[]): Promise<string> {
    for (const node of [...this.servers, ...this.pair]) {
      if (!dead.includes(node.name) && !(await node.ready())) return `${node.name} is not ready`;
    }
    for (const node of this.pair) {
      const { stdout, code } = await node.agent("status", "--json");
      if (code !== 0) return `${node.name} tells no status`;
      const status: NodeStatus = JSON.parse(stdout);
      const down = downServers(status).filter((name) => !dead.includes(name));
      if (down.length > 0) return `${node.name} sees ${down.join(", ")} down`;
      const failed = status.vrrp === null ? ["unknown checks"] : status.failedChecks;
      if (failed.length > 0) return `${node.name} fails ${failed.join(", ")}`;
    }
    return this.leader().then(
      () => "",
      (error: Error) => error.message,
    );
  }

  async #cdktf(command: "deploy" | "destroy", tamper: string): Promise<Deployment> {
    const args = ["*", "--auto-approve", "--skip-provider-lock"];
    const { code, stdout, stderr, seconds } = await this.workspace.cdktf("test/e2e/drill/app.ts", [command, ...args], {
      SETTINGS: JSON.stringify(this.#settings),
      TAMPER: tamper,
    });
    const text = stdout + stderr;
    this.said.push(text);
    return { code, text, seconds };
  }

  private get certificate(): string {
    return join(this.workspace.directory, "certs", "dns.example.com.pem");
  }
}

/** What `dns-lb-agent status --json` says of checks and servers. */
interface NodeStatus {
  /** Null while keepalived does not tell. */
  readonly vrrp: object | null;
  readonly failedChecks: readonly string[];
  readonly pools: readonly {
    readonly servers: readonly {
      readonly name: string;
      readonly haproxy: Readonly<Record<string, string>>;
      readonly dnsdist: Readonly<Record<string, string>>;
    }[];
  }[];
}

function downServers({ pools }: NodeStatus): string[] {
  return pools
    .flatMap(({ servers }) => servers)
    .filter(({ haproxy, dnsdist }) => {
      const states = [...Object.values(haproxy), ...Object.values(dnsdist)];
      return states.length === 0 || !states.every((state) => state.toLowerCase() === "up");
    })
    .map(({ name }) => name);
}

function random(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
