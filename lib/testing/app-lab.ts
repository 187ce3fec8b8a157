import { Construct, type IConstruct } from "constructs";
import type { LoadBalancer } from "../model/load-balancer.js";
import { type LabOptions, Lab as ModelLab } from "./lab/index.js";
import { loadBalancersOf } from "./load-balancers-of.js";
import { onAnyMachine } from "./machine-limits.js";

/** The load balancers that a lab runs: those of an app or a stack, or plain data. */
export type LabSource = IConstruct | readonly LoadBalancer[];

/**
 * Runs load balancers on this machine, with downstream servers and clients, as real daemons in network namespaces of
 * their own. No packet leaves the machine, and everything ends with the process that started it. Of an app, `processors`,
 * `memory` and `maxConnections` of nodes are left out: this machine may have less, and nodes have the connections of one of
 * which nothing is known.
 */
export class Lab extends ModelLab {
  /** Starts load balancers and waits until they serve. Throws if a validation fails, and then leaves nothing behind. */
  static override async start(source: LabSource, options: LabOptions = {}): Promise<Lab> {
    // biome-ignore lint/complexity/noThisInStatic: the base class makes a lab of the class that it is called on
    const lab = await super.start(modelsOf(source), options);
    return lab as Lab;
  }

  /**
   * Applies a changed app, node after node, as a deployment would, and leaves out nodes that are out of service; new
   * servers start first.
   */
  override apply(source: LabSource): Promise<void> {
    return super.apply(modelsOf(source));
  }
}

function modelsOf(source: LabSource): readonly LoadBalancer[] {
  return Construct.isConstruct(source) ? loadBalancersOf(source).map(onAnyMachine) : source;
}
