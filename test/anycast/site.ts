import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LabNode, type LabOptions, LabSecret, ModelLab } from "../../lib/testing/index.js";
import { LabTimeout } from "../../lib/testing/lab/errors.js";
import { ADDRESS, CERTIFICATE, group, NODES, PASSWORD, ROUTERS, type SiteOptions, TLS_NAME } from "./model.js";

/** Milliseconds within which all is well again after an event. */
const WELL = 60_000;
const POLL = 100;

/** What all labs of the suite have in common. */
export const OPTIONS = {
  secrets: { [CERTIFICATE]: LabSecret.certificate(TLS_NAME), [PASSWORD]: "only for the lab" },
  queryLog: false,
  watchTakeovers: false,
} satisfies LabOptions;

/** Three nodes behind two routers, in the lab. */
export class Site {
  private constructor(readonly lab: ModelLab) {}

  /** Starts it, and waits until all nodes are at their best. Nothing is left behind if that fails. */
  static async start(name: string, site: SiteOptions, options: Pick<LabOptions, "root" | "ecmp">): Promise<Site> {
    const lab = await ModelLab.start([group(site)], { ...OPTIONS, ...options, name });
    const started = new Site(lab);
    try {
      await started.settle();
    } catch (error) {
      await lab.stop();
      throw error;
    }
    return started;
  }

  node(name: string): LabNode {
    return this.lab.node(name);
  }

  /** Runs a command of a node's agent that must work. */
  async agent(name: string, ...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.node(name).agent(...words);
    if (status !== 0) throw new Error(`${name}: dns-lb-agent ${words.join(" ")}: ${(stderr + stdout).trim()}`);
    return stdout;
  }

  /** The process of the announcer of a node. */
  announcerOf(name: string): number {
    const { pid } = this.node(name).process("bird");
    if (pid === undefined) throw new Error(`${name}: no announcer runs`);
    return pid;
  }

  /** The process of the BIRD of a node, which the announcer has started. */
  birdOf(name: string): number {
    return Number(readFileSync(join(this.node(name).nodeSpec.profile.paths.run, "private/bird.pid"), "utf8"));
  }

  /** How many queries over UDP each node has had since its dnsdist started. */
  async queries(): Promise<Readonly<Record<string, number>>> {
    const counts = NODES.map(async (name) => {
      const said = await this.agent(name, "dnsdist", "dumpStats()").catch(() => "");
      return [name, Number(/\bqueries\s+(\d+)/.exec(said)?.[1] ?? 0)] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  }

  /** What each node announces, as a router hears it: its cost, `leaving` or `nothing`. */
  async announced(): Promise<Readonly<Record<string, string>>> {
    const router = this.lab.router(ROUTERS.find((name) => this.lab.router(name).powered) ?? ROUTERS[0]);
    const paths = await router.paths(ADDRESS.ipv4);
    return Object.fromEntries(
      NODES.map((name) => {
        const path = paths.find(({ node }) => node === name);
        return [name, path === undefined ? "nothing" : path.leaving ? "leaving" : String(path.cost)];
      }),
    );
  }

  /** Waits until all routers hear all nodes at their best, by both families, and spread flows over all of them. */
  async settle(): Promise<void> {
    const end = performance.now() + WELL;
    for (;;) {
      const wrong = await this.#wrong();
      if (wrong.length === 0) return;
      if (performance.now() > end) throw new LabTimeout(`all is well (${wrong.join("; ")})`, WELL);
      await sleep(POLL);
    }
  }

  async #wrong(): Promise<string[]> {
    const wrong: string[] = [];
    for (const name of ROUTERS) {
      const router = this.lab.router(name);
      for (const address of Object.values(ADDRESS)) {
        const paths = await router.paths(address);
        for (const node of NODES) {
          const path = paths.find((each) => each.node === node);
          if (path?.cost !== 0 || path.leaving) {
            wrong.push(`${name} hears ${path === undefined ? "nothing" : JSON.stringify(path)} of ${node}`);
          }
        }
        if ((await router.nodes(address)).length !== NODES.length) wrong.push(`${name} does not spread ${address}`);
      }
      const silent = (await router.sessions()).filter(({ established, bfd }) => !established || bfd === false);
      wrong.push(...silent.map(({ neighbor }) => `${name} has no session with ${neighbor}`));
    }
    for (const address of Object.values(ADDRESS)) {
      const routers = await this.lab.router("upstream").nodes(address);
      if (routers.length !== ROUTERS.length) wrong.push(`clients reach ${address} by ${routers.join(" and ")}`);
    }
    return wrong;
  }
}
