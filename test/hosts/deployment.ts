import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect } from "vitest";
import type { LabClient } from "../../lib/testing/lab/client.js";
import type { FlowReport } from "../e2e/drill/flows.js";
import { DrillNode } from "../e2e/drill/node.js";
import { type RunResult, until } from "../e2e/run.js";
import { makeTemporary } from "../e2e/temporary.js";
import type { Workspace } from "../e2e/workspace.js";
import type { PlannedContainer } from "./app-containers.js";
import type { KnownMachine } from "./app-hosts.js";
import { type DockerHost, PARENT } from "./docker-host.js";
import type { Machine } from "./machine.js";
import { addressesOf } from "./network.js";
import { otherLibrary } from "./other-library.js";
import { type MachinePlan, Site } from "./site.js";
import { lostOf, TLS_NAME, type TrafficOptions, traffic, VIRTUAL } from "./traffic.js";

/** The resolvers behind the pair. */
export const SERVERS = ["10.0.0.10", "10.0.0.11", "10.0.0.12"];

/** What Terraform says of a deployment without changes. */
export const UNCHANGED = "No changes. Your infrastructure matches the configuration.";

/** Apps, by their paths from the root of the repository. */
const APP = "test/hosts/pair-app.ts";
const PARTS = ["app-hosts", "app-containers", "probe"].map((name) => `test/hosts/${name}.ts`);

const PAIR: readonly MachinePlan[] = [
  { name: "lb1", suite: "trixie", number: 2 },
  { name: "lb2", suite: "bookworm", number: 3, certified: true },
];

/** A node of the pair, whatever runs it. */
export interface PairNode extends Pick<Machine, "name" | "addresses" | "exec"> {
  /** Starts it again. */
  start(): Promise<unknown>;
  /** Ends it in order: it hands over what it has. */
  stop(): Promise<unknown>;
  /** Ends it without a word. */
  kill(): Promise<unknown>;
}

/** What `dns-lb-agent status --json` says. */
export interface NodeStatus {
  readonly release: string;
  /** When it got the release. */
  readonly since: string;
  /** The same on every node that does the same. */
  readonly configuration: string;
}

/** What the app is told beside what it must know, by name. */
export type Settings = Readonly<Record<string, string>>;

/** Options for `Deployment.open()`. */
export interface DeploymentOptions {
  /** @default - none but the pair */
  readonly machines?: readonly MachinePlan[];
  /**
   * Whether lb2 is a container of a Docker engine, whose host is on the switch.
   * @default false
   */
  readonly docker?: boolean;
  /**
   * The resolvers behind the pair.
   * @default SERVERS
   */
  readonly servers?: readonly string[];
  /**
   * The app, by its path from the root of the repository.
   * @default - a pair with the resolvers behind it
   */
  readonly app?: string;
  /**
   * What every deployment tells the app.
   * @default - nothing
   */
  readonly settings?: Settings;
}

/** A site with lb1 and lb2, to which a pair is deployed, by cdktf and Terraform. */
export class Deployment {
  /** The resolvers that the pair asks. */
  servers: readonly string[] = SERVERS.slice(0, 2);
  readonly password = randomBytes(18).toString("hex");

  private constructor(
    readonly site: Site,
    readonly workspace: Workspace,
    /** The app, by its path from the root of the repository. */
    private app: string,
    private readonly settings: Settings,
    /** The host of lb2, where that is a container. */
    readonly dockerHost: DockerHost | undefined,
  ) {
    workspace.write("password", this.password);
  }

  /** Starts its machines, and deploys nothing. */
  static async open(options: DeploymentOptions = {}): Promise<Deployment> {
    const { machines = [], docker = false, servers = SERVERS, app = APP, settings = {} } = options;
    const pair = docker ? PAIR.slice(0, 1) : PAIR;
    const site = await Site.open({
      machines: [...pair, ...machines],
      servers: servers.map((_, index) => ({ name: `resolver${index + 1}`, number: 10 + index, role: "resolver" })),
      favoured: true,
    });
    try {
      await site.start();
      const directory = makeTemporary("workspace");
      const dockerHost = docker ? await site.addDockerHost(join(directory, "cdktf.out", "stacks", "dns")) : undefined;
      const workspace = site.workspace({ SSH_AUTH_SOCK: site.agent, ...dockerHost?.environment }, directory);
      const deployment = new Deployment(site, workspace, app, settings, dockerHost);
      await deployment.renewCertificate();
      return deployment;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  /** The client that asks. */
  get client(): LabClient {
    return this.site.client(101);
  }

  /** The machines of the pair. */
  get pair(): readonly Machine[] {
    return this.site.machines.filter(({ name }) => PAIR.some((plan) => plan.name === name));
  }

  /** The nodes of the pair. */
  get nodes(): readonly PairNode[] {
    return this.container === undefined ? this.pair : [...this.pair, this.container];
  }

  node(name: string): PairNode {
    return name === this.container?.name ? this.container : this.site.machine(name);
  }

  /** The node of the pair that is a container. */
  private get container(): DrillNode | undefined {
    return this.dockerHost && new DrillNode(this.dockerHost.engine, "lb2");
  }

  async renewCertificate(): Promise<void> {
    this.workspace.write("dot.pem", (await this.site.authority.issue([TLS_NAME])).pem);
  }

  async cdktf(command: "deploy" | "destroy", settings: Settings = {}): Promise<RunResult> {
    const words = [command, "*", "--auto-approve", "--skip-provider-lock"];
    return this.workspace.cdktf(this.app, words, {
      MACHINES: JSON.stringify(this.known()),
      CONTAINER: JSON.stringify(this.planned()),
      KEY: this.site.keys.client,
      SERVERS: this.servers.join(","),
      CERTIFICATE: join(this.workspace.directory, "dot.pem"),
      PASSWORD: join(this.workspace.directory, "password"),
      ...this.settings,
      ...settings,
    });
  }

  /** Takes another version of the library from now on: one in which these files have one more line. */
  upgrade(...files: readonly string[]): void {
    this.app = otherLibrary(join(this.workspace.directory, "library"), [APP, ...PARTS], files);
  }

  /** Deploys, which must succeed. Gives what was said. */
  async deploy(settings: Settings = {}): Promise<string> {
    const { code, stdout, stderr } = await this.cdktf("deploy", settings);
    expect(code, stdout + stderr).toBe(0);
    return stdout + stderr;
  }

  /** Deploys, which must fail. Gives what was said. */
  async failToDeploy(settings: Settings = {}): Promise<string> {
    const { code, stdout, stderr } = await this.cdktf("deploy", settings);
    expect(code, stdout + stderr).not.toBe(0);
    return stdout + stderr;
  }

  agent(name: string, ...words: readonly string[]): Promise<RunResult> {
    return this.node(name).exec(["dns-lb-agent", ...words]);
  }

  /** What a node says of itself; undefined before its first release. */
  async status(name: string): Promise<NodeStatus | undefined> {
    const { code, stdout } = await this.agent(name, "status", "--json");
    return code === 0 ? JSON.parse(stdout) : undefined;
  }

  /** The release that a node serves with; undefined before its first. */
  async release(name: string): Promise<string | undefined> {
    return (await this.status(name))?.release;
  }

  /** Waits until one of the pair that runs has the virtual address, and gives its name. */
  async leader(): Promise<string> {
    let found: readonly string[] = [];
    await until("one leader", 20, async () => {
      const holders = this.nodes.map(async (node) => ((await node.addresses()).includes(VIRTUAL) ? [node.name] : []));
      found = (await Promise.all(holders)).flat();
      return found.length === 1;
    });
    return found[0] ?? "";
  }

  /** Waits until none of the checks of both nodes fails, and one of them leads. */
  async settled(): Promise<void> {
    for (const { name } of this.nodes) {
      await until(`the checks of ${name}`, 30, async () =>
        (await this.agent(name, "status")).stdout.includes("failed checks: none"),
      );
    }
    await this.leader();
  }

  /**
   * Asks all ways while something is done. Where anything is lost, it says how the addresses moved: nodes that get no
   * processor time for three adverts lose them, whatever else is done.
   */
  async traffic(meanwhile: () => Promise<unknown>, options: TrafficOptions = {}): Promise<readonly FlowReport[]> {
    const reports = await traffic(this.client, meanwhile, options);
    for (const node of lostOf(reports) > 0 ? this.nodes : []) {
      const log = node instanceof DrillNode ? node.log() : this.site.machine(node.name).journal("dns-lb-keepalived");
      const moves = (await log).split("\n").filter((line) => /Entering \w+ STATE/.test(line));
      console.log([`${node.name}:`, ...moves.slice(-6)].join("\n"));
    }
    return reports;
  }

  async close(): Promise<void> {
    this.workspace.remove();
    await this.site.close();
  }

  /** What the app is told of the machines. */
  known(): readonly KnownMachine[] {
    return this.site.machines.map(({ name, id, address, address6, identity: { suite, hostKey } }) => {
      const certified = hostKey.certificate !== undefined;
      const key = certified ? this.site.keys.authority : hostKey.known;
      return { name, id, address, address6, certified, hostKey: key, debian: suite === "trixie" ? 13 : 12 };
    });
  }

  /** What the app is told of the container. */
  private planned(): PlannedContainer | null {
    if (this.dockerHost === undefined) return null;
    const { engine, base } = this.dockerHost;
    const [address, address6] = addressesOf(3);
    return { name: "lb2", address, address6, engine: engine.host, parent: PARENT, base };
  }
}

/** The other node of the pair. */
export const otherThan = (name: string) => (name === "lb1" ? "lb2" : "lb1");
