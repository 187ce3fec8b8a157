import type { IConstruct } from "constructs";
import { type ILoadBalancer, LOAD_BALANCER, type LoadBalancerHandle } from "../dns/load-balancer.js";
import { type IServer, isServer, SERVER, type ServerHandle } from "../dns/server.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import { brandOf, isOfKind, otherCopy } from "../terraform/brand.js";
import { InvalidAppError } from "./errors.js";

/** Gives the load balancers of an app or a stack as plain data. Throws if validations find anything. */
export function loadBalancersOf(scope: IConstruct): LoadBalancer[] {
  return handlesOf(scope).map((handle) => handle.model());
}

/** Finds the load balancers of an app or a stack, after its validations. */
export function handlesOf(scope: IConstruct): LoadBalancerHandle[] {
  return validConstructsOf(scope)
    .filter(isLoadBalancer)
    .map((loadBalancer) => loadBalancer[LOAD_BALANCER]);
}

/** Finds the servers that an app or a stack deploys, after its validations. */
export function serverHandlesOf(scope: IConstruct): ServerHandle[] {
  return validConstructsOf(scope)
    .filter(isServerConstruct)
    .map((server) => server[SERVER]);
}

function validConstructsOf(scope: IConstruct): readonly IConstruct[] {
  const constructs = scope.node.findAll();
  const lines = constructs.flatMap((construct) =>
    [...otherVersion(construct), ...construct.node.validate()].map((text) => lineOf(construct, text)),
  );
  if (lines.length > 0) throw new InvalidAppError(lines);
  return constructs;
}

/** Constructs of another version of the library would not be found, or not be understood. */
function otherVersion(construct: IConstruct): readonly string[] {
  const found = brandOf(construct);
  const text = found === undefined || isOfKind(construct, found.kind) ? undefined : otherCopy(construct);
  return text === undefined ? [] : [text];
}

function isLoadBalancer(construct: IConstruct): construct is ILoadBalancer {
  return isOfKind(construct, "LoadBalancer");
}

function isServerConstruct(construct: IConstruct): construct is IServer {
  return isServer(construct);
}

/** Load balancers name the construct to blame themselves where it is another. */
function lineOf({ node: { path } }: IConstruct, text: string): string {
  return text.startsWith("[") ? text : `[${path}] ${text}`;
}
