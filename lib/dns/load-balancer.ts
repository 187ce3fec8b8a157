import type { IConstruct } from "constructs";
import type { Frontend } from "../model/frontend.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";

/** Marks load balancers; tests and the lab find them by it in the construct tree. */
export const LOAD_BALANCER: unique symbol = Symbol.for("cdktf-dns-lb.LoadBalancer");

/** A load balancer that frontends can be put on. */
export interface ILoadBalancer extends IConstruct {
  /** What the parts of the library share about it. */
  readonly [LOAD_BALANCER]: LoadBalancerBinding;
}

/** What the parts of the library see of a load balancer. */
export interface LoadBalancerBinding {
  /** The addresses that a frontend listens on if it names none. */
  readonly defaultAddresses: readonly string[];
  /** Takes a frontend in; its model is asked for whenever the load balancer's is. */
  addFrontend(frontend: BoundFrontend): void;
  /** The load balancer as plain data, as far as it is built. */
  model(): LoadBalancer;
  /** What to know of the place where a node runs. */
  profileOf(node: NodeDescription): PlatformProfile;
  /** What a node needs; undefined while the model breaks a rule. */
  specOf(node: NodeDescription): NodeSpec | undefined;
  /** The networks that its nodes stand in. */
  readonly networks: readonly string[];
  /** What is wrong across constructs, sorted. */
  problems(): readonly ScopedProblem[];
}

/** A problem with the construct to blame. */
export interface ScopedProblem {
  readonly path: string;
  /** The whole line, apart from the path. */
  readonly text: string;
}

/** A frontend of a load balancer, with the constructs to blame for its parts. */
export interface BoundFrontend {
  readonly construct: IConstruct;
  model(): Frontend;
  /** The constructs of its listeners, in the order of the model. */
  listeners(): readonly IConstruct[];
}
