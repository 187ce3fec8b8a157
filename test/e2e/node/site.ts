import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Engine, startEngine } from "../engine.js";
import { until } from "../run.js";
import { makeTemporary, removeTemporary } from "../temporary.js";
import { Client } from "./client.js";
import { type Change, Deployment } from "./deployment.js";
import { provideNodeImage } from "./image.js";
import { RunningNode } from "./running-node.js";
import { NETWORK, pairAddresses, pairStack, RESOLVER, type StackOptions, soloStack } from "./stacks.js";

/** The password of statistics, which nothing may show. */
export const PASSWORD = "correct horse battery staple";

/** Seconds in which the nodes agree who has the address. */
const SETTLED = 5;

/** The pair that runs all the time. */
const PAIR = 1;
export const VIRTUAL = pairAddresses(PAIR).virtual;

/** A pair and a single node on an engine of its own, with a resolver behind them and a client before them. */
export class Site {
  readonly client: Client;
  readonly lb1: RunningNode;
  readonly lb2: RunningNode;
  readonly solo: RunningNode;

  private constructor(
    readonly engine: Engine,
    private readonly image: string,
    private readonly directory: string,
  ) {
    this.client = new Client(engine);
    this.lb1 = new RunningNode(engine, "dns-lb-lb11");
    this.lb2 = new RunningNode(engine, "dns-lb-lb12");
    this.solo = new RunningNode(engine, "dns-lb-solo");
  }

  static async start(): Promise<Site> {
    const engine = await startEngine({ alwaysOwn: true });
    const directory = makeTemporary("node");
    writeFileSync(join(directory, "password"), `${PASSWORD}\n`, { mode: 0o600 });
    const site = new Site(engine, await provideNodeImage(engine), directory);
    const pair = await site.pair();
    await pair.create("Lb1_Network");
    await site.startResolver();
    const solo = await site.single();
    await Promise.all([deployNode(pair, "Lb1").then(() => deployNode(pair, "Lb2")), deployNode(solo, "Solo")]);
    return site;
  }

  /** The resources of a pair. */
  pair(options: Partial<StackOptions> = {}, number = PAIR): Promise<Deployment> {
    return Deployment.of(pairStack(number, { ...this.given(), ...options }), this.engine.host);
  }

  /** The resources of the single node. */
  single(options: Partial<StackOptions> = {}): Promise<Deployment> {
    return Deployment.of(soloStack({ ...this.given(), ...options }), this.engine.host);
  }

  /** The node that holds the virtual address, and the other one; right after a fault it may be both for a moment. */
  async roles(): Promise<{ readonly holder: RunningNode; readonly other: RunningNode }> {
    const { lb1, lb2 } = this;
    let holders: readonly RunningNode[] = [];
    await until(`${VIRTUAL} on one node`, SETTLED, async () => {
      const [first, second] = await Promise.all([lb1.holds(VIRTUAL), lb2.holds(VIRTUAL)]);
      holders = [...(first ? [lb1] : []), ...(second ? [lb2] : [])];
      return holders.length === 1;
    });
    const [holder = lb1] = holders;
    return { holder, other: holder === lb1 ? lb2 : lb1 };
  }

  /** Waits until an address answers over both transports. */
  async answering(address: string, seconds: number): Promise<void> {
    for (const transport of ["udp", "tcp"] as const) {
      await until(`${transport} from ${address}`, seconds, () => this.client.isAnswered(address, transport));
    }
  }

  async stop(): Promise<void> {
    this.client.stop();
    await this.engine.stop();
    removeTemporary(this.directory);
  }

  private given(): StackOptions {
    return { image: this.image, password: join(this.directory, "password") };
  }

  /** A resolver that comes back with the engine. */
  private async startResolver(): Promise<void> {
    const container = await this.engine.docker.createContainer({
      name: "dnslb-e2e-resolver",
      Image: this.image,
      Entrypoint: ["python3", "-c", readFileSync(join(__dirname, "resolver.py"), "utf8")],
      Healthcheck: { Test: ["NONE"] },
      HostConfig: { NetworkMode: NETWORK, Init: true, RestartPolicy: { Name: "unless-stopped" } },
      NetworkingConfig: { EndpointsConfig: { [NETWORK]: { IPAMConfig: { IPv4Address: RESOLVER } } } },
    });
    await container.start();
  }
}

/** Creates a node's container with its volumes, and hands it its release as a deployment does. */
export async function deployNode(deployment: Deployment, id: string, change?: Change): Promise<string> {
  await createNode(deployment, id, change);
  return load(deployment, id);
}

/** Creates a node's container with its volumes, without any release. */
export async function createNode(deployment: Deployment, id: string, change?: Change): Promise<void> {
  for (const part of ["State", "Inbox"]) await deployment.create(`${id}_${part}`);
  await deployment.create(`${id}_Container`, change);
}

/** Runs the loader of a node to its end and returns what it said; one that failed fails with that. */
export async function load(deployment: Deployment, id: string): Promise<string> {
  await deployment.discard(`${id}_Loader`);
  const done = await deployment.create(`${id}_Loader`);
  const words = done.text("container_logs").trim();
  if (done.count("exit_code") !== 0) throw new Error(`the loader of ${id} failed: ${words}`);
  return words;
}
