import type { Problem } from "../core/errors.js";
import type { LoadBalancer } from "../model/load-balancer.js";

/** A check of a load balancer as a whole; finds what no single construct can see. */
export type Rule = (loadBalancer: LoadBalancer) => readonly RuleProblem[];

/** What breaks a rule, and the part of the load balancer to blame. */
export interface RuleProblem extends Problem {
  readonly part: Part;
}

/** A part of a load balancer, by its place in the lists of the model. */
export type Part =
  | { readonly kind: "load-balancer" }
  | { readonly kind: "frontend"; readonly index: number }
  | { readonly kind: "listener"; readonly frontend: number; readonly index: number };
