import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Lab } from "../../../lib/testing/index.js";

/** Where faults are made, and what operators do. */
export interface Scene {
  readonly lab: Lab;
  /** What runs there while nothing is changed. */
  readonly model: LoadBalancer;
}

/** What alerts are there for, made in the lab. */
export interface Fault {
  readonly alerts: readonly string[];
  /** In words, for the table. */
  readonly fault: string;
  /** Seconds until it shows in the metrics. */
  readonly shows: number;
  /**
   * Makes it, and says how it ends. Seconds count from the beginning; `begins` has them count from later, where the fault takes
   * its time to be prepared, and fails if the alerts are there already.
   */
  readonly make: (scene: Scene, begins: () => Promise<void>) => Promise<() => Promise<unknown>>;
  /** Whether the short form sees it. */
  readonly short?: boolean;
}

/** What operators do, through which every alert is silent. */
export interface Plan {
  readonly what: string;
  readonly work: (scene: Scene) => Promise<void>;
}

/** Runs a command of a node's agent that must work. */
export async function agent(lab: Lab, name: string, ...words: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await lab.node(name).agent(...words);
  if (status !== 0) throw new Error(`${name}: dns-lb-agent ${words.join(" ")}: ${(stderr + stdout).trim()}`);
}
