import { rmSync } from "node:fs";
import type { NodeSpec } from "../../lib/model/node-spec.js";
import { type AgentFile, agentFiles } from "../../lib/node/agent/files.js";
import type { Lab, LabNode } from "../../lib/testing/index.js";
import { LabTimeout } from "../../lib/testing/lab/errors.js";
import {
  ADDRESS,
  CLIENT,
  detectionOf,
  leaderOf,
  otherThan,
  productionModel,
  sleep,
  startProduction,
  TLS_NAME,
} from "../lab/production/stack.js";
import { boot, end, stop } from "./container.js";
import type { ReleaseBefore } from "./release-before.js";
import { type NodeStatus, wrongWith } from "./status.js";

/** The lab's name. */
const NAME = "upgrade";
/** A server that is dead from the beginning to the end. */
const DEAD = "resolver1";
/** Milliseconds after which a node must be well again: checks must pass for five seconds before they count. */
const WELL = 30_000;
const POLL = 250;
/** Milliseconds from one thing that an operator does to the next. */
const MOMENT = 1_000;

/** An agent with what nodes get from the same version of the library. */
export interface Version {
  readonly agent: readonly AgentFile[];
  readonly specs: Readonly<Record<string, NodeSpec>>;
}

/** examples/production on two nodes, whose agents and releases can be exchanged one by one. */
export class Pair {
  /** The releases that the nodes began with, by node. */
  readonly releases = new Map<string, string>();

  private constructor(
    readonly lab: Lab,
    readonly before: Version,
    /** The release before with an access rule more. */
    readonly beforeChanged: Version,
    readonly now: Version,
  ) {}

  /** Starts it as the release before deployed it, and kills a server. Nothing is left behind if that fails. */
  static async start(before: ReleaseBefore): Promise<Pair> {
    const lab = await startProduction(NAME, productionModel());
    try {
      const now = Object.fromEntries(lab.nodes.map(({ name, nodeSpec }) => [name, nodeSpec]));
      const places = Object.fromEntries(lab.nodes.map(({ name, nodeSpec }) => [name, nodeSpec.profile]));
      const { specs, changed } = await before.compile(places);
      const agent = before.agent();
      const pair = new Pair(lab, { agent, specs }, { agent, specs: changed }, { agent: agentFiles(), specs: now });
      await Promise.all(lab.nodes.map((node) => pair.#beginAnew(node)));
      await lab.waitUntilReady();
      await lab.server(DEAD).kill();
      await sleep(detectionOf(productionModel(), "internal"));
      await pair.settle();
      for (const name of pair.names) pair.releases.set(name, (await pair.status(name)).release);
      return pair;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** The names of the nodes. */
  get names(): readonly string[] {
    return this.lab.nodes.map(({ name }) => name);
  }

  node(name: string): LabNode {
    return this.lab.node(name);
  }

  otherThan(name: string): string {
    return otherThan(this.lab, name);
  }

  /** Brings a node the release that a version compiled for it. Gives what its agent said. */
  apply(name: string, { specs }: Version): Promise<string> {
    const spec = specs[name];
    if (spec === undefined) throw new RangeError(`nothing was compiled for ${name}`);
    return this.node(name).apply(spec);
  }

  /** Runs a command of a node's agent that must work. Gives what it said. */
  async agent(name: string, ...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.node(name).agent(...words);
    if (status !== 0) throw new Error(`${name}: dns-lb-agent ${words.join(" ")}: ${(stderr + stdout).trim()}`);
    return stdout;
  }

  async status(name: string): Promise<NodeStatus> {
    return JSON.parse(await this.agent(name, "status", "--json"));
  }

  /** The node that has all virtual addresses. */
  leader(): Promise<string> {
    return leaderOf(this.lab);
  }

  /** Lets a node lead, as an operator does. Gives how often the addresses moved for that. */
  async makeLeader(name: string): Promise<number> {
    const leader = await this.leader();
    if (leader === name) return 0;
    await this.agent(leader, "drain");
    const leads = await this.leader();
    if (leads !== name) throw new Error(`${leads} leads after ${leader} was drained`);
    await sleep(MOMENT);
    await this.agent(leader, "undrain");
    await sleep(MOMENT);
    return 1;
  }

  /** Replaces the container of a node, and so its agent. Gives how often the addresses move, and the agent's words. */
  async replace(name: string, { agent }: Version): Promise<{ readonly moves: number; readonly said: string }> {
    const moves = (await this.leader()) === name ? 1 : 0;
    await stop(this.node(name));
    const said = await boot(this.node(name), agent);
    await this.agent(name, "ready");
    await this.settle();
    return { moves, said };
  }

  /** Changes a node. Gives what its agent said, and the move that a restarted daemon of the leader costs. */
  async change(
    name: string,
    change: () => Promise<string>,
  ): Promise<{ readonly moves: number; readonly said: string }> {
    const led = (await this.leader()) === name;
    const said = await change();
    return { moves: led && / restarted$/m.test(said) ? 1 : 0, said };
  }

  /** Waits until both nodes are well, and one of them leads. */
  async settle(): Promise<void> {
    let wrong = "";
    const well = async () => {
      const statuses = await Promise.all(this.names.map(async (name) => [name, await this.status(name)] as const));
      wrong = statuses
        .flatMap(([name, status]) => wrongWith(status, [DEAD]).map((each) => `${name}: ${each}`))
        .join("; ");
      return wrong === "" && (await this.leader()) !== "";
    };
    const end = performance.now() + WELL;
    for (;;) {
      const done = await well().catch((error: Error) => {
        wrong = error.message;
        return false;
      });
      if (done) return;
      if (performance.now() > end) throw new LabTimeout(`both nodes are well (${wrong})`, WELL);
      await sleep(POLL);
    }
  }

  /** Asks every virtual address all ways; the servers of its pool must answer. */
  async ask(): Promise<void> {
    const points = [
      { client: CLIENT.inside, server: ADDRESS.internal, name: "whoami.dns-lb.test", answers: "resolver" },
      { client: CLIENT.inside6, server: ADDRESS.internal6, name: "whoami.dns-lb.test", answers: "resolver" },
      { client: CLIENT.world, server: ADDRESS.public, name: "whoami.example.com", answers: "auth" },
      { client: CLIENT.world6, server: ADDRESS.public6, name: "whoami.example.com", answers: "auth" },
    ];
    const wrong = await Promise.all(
      points.map(async ({ client, server, name, answers: expected }) => {
        for (const transport of ["udp", "tcp", "dot"] as const) {
          const asked = { server, transport, tlsName: TLS_NAME, timeout: "2s" } as const;
          const { status, answers } = await this.lab.client(client).query(name, "TXT", asked);
          if (status === "NOERROR" && answers[0]?.startsWith(expected) === true) continue;
          return `${server} over ${transport} answers ${name} with ${status} ${answers.join(" ")}`.trimEnd();
        }
        return undefined;
      }),
    );
    const found = wrong.filter((each) => each !== undefined);
    if (found.length > 0) throw new Error(found.join("; "));
  }

  /** What the lab put on a node is forgotten: the release before is the first that it sees. */
  async #beginAnew(node: LabNode): Promise<void> {
    await end(node);
    rmSync(node.nodeSpec.profile.paths.state, { recursive: true });
    await boot(node, this.before.agent);
    await this.apply(node.name, this.before);
  }
}
