import type { IConstruct } from "constructs";
import type { LoadBalancer, PlannedFrontend } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";

/** The property that marks load balancers; tests and the lab find them by it in the construct tree. */
export const LOAD_BALANCER: unique symbol = Symbol.for("cdktf-dns-lb.LoadBalancer");

/** A load balancer to which frontends can be added. */
export interface ILoadBalancer extends IConstruct {
  /** Internal to the library. */
  readonly [LOAD_BALANCER]: LoadBalancerBinding;
}

/** The library's internal interface to a load balancer. */
export interface LoadBalancerBinding {
  /** The addresses of frontends that give none. */
  readonly defaultAddresses: readonly string[];
  /** Adds a frontend; its model is read whenever the load balancer's model is. */
  addFrontend(frontend: BoundFrontend): void;
  /** The load balancer as plain data, with the frontends added so far. */
  model(): LoadBalancer;
  /** The platform of a node. */
  profileOf(node: NodeDescription): PlatformProfile;
  /** Compiles the spec of a node; undefined while the model breaks a rule. */
  specOf(node: NodeDescription): NodeSpec | undefined;
  /** The layer 2 networks of the nodes. */
  readonly networks: readonly string[];
  /** Problems across constructs, sorted. */
  problems(): readonly ScopedProblem[];
}

/** A problem with the path of its construct. */
export interface ScopedProblem {
  readonly path: string;
  /** The line to print, without the path. */
  readonly text: string;
}

/** A frontend of a load balancer, with its constructs, which errors name. */
export interface BoundFrontend {
  readonly construct: IConstruct;
  /** Without a path for TCP where none was chosen. */
  model(): PlannedFrontend;
  /** The constructs of its listeners, in the order of the model. */
  listeners(): readonly IConstruct[];
}
