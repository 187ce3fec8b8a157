import type { Problem } from "../core/errors.js";
import type { LoadBalancer } from "../model/load-balancer.js";

/** A check of a whole load balancer, for problems that no single construct can detect. */
export type Rule = (loadBalancer: LoadBalancer) => readonly RuleProblem[];

/** A problem that a rule found, with its part of the load balancer. */
export interface RuleProblem extends Problem {
  readonly part: Part;
}

/** A part of a load balancer, by its indexes in the model. */
export type Part =
  | { readonly kind: "load-balancer" }
  | { readonly kind: "frontend"; readonly index: number }
  | { readonly kind: "listener"; readonly frontend: number; readonly index: number };
