import type { IConstruct } from "constructs";
import { DEPLOYED_SERVER, type IDeployedServer, isDeployedServer, type ServerBinding } from "../dns/deployed-server.js";
import { type ILoadBalancer, LOAD_BALANCER, type LoadBalancerBinding } from "../dns/load-balancer.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import { brandOf, isOfKind, otherCopy } from "../terraform/brand.js";
import { InvalidAppError } from "./errors.js";

/** Returns the load balancers of an app or a stack as plain data. Throws if a validation fails. */
export function loadBalancersOf(scope: IConstruct): LoadBalancer[] {
  return loadBalancerBindingsOf(scope).map((handle) => handle.model());
}

/** Finds the load balancers of an app or a stack, after its validations. */
export function loadBalancerBindingsOf(scope: IConstruct): LoadBalancerBinding[] {
  return validConstructsOf(scope)
    .filter(isLoadBalancer)
    .map((loadBalancer) => loadBalancer[LOAD_BALANCER]);
}

/** Finds the servers that an app or a stack deploys, after its validations. */
export function serverBindingsOf(scope: IConstruct): ServerBinding[] {
  return validConstructsOf(scope)
    .filter(isServerConstruct)
    .map((server) => server[DEPLOYED_SERVER]);
}

/** The constructs of an app or a stack. Throws if a validation fails. */
export function validConstructsOf(scope: IConstruct): readonly IConstruct[] {
  const lines = problemsOf(scope);
  if (lines.length > 0) throw new InvalidAppError(lines);
  return scope.node.findAll();
}

/** What the validations of an app or a stack report, each problem with the path of its construct. */
export function problemsOf(scope: IConstruct): readonly string[] {
  return scope.node
    .findAll()
    .flatMap((construct) =>
      [...otherVersion(construct), ...construct.node.validate()].map((text) => lineOf(construct, text)),
    );
}

/** Reports a construct of another version of the library, which could not be recognized. */
function otherVersion(construct: IConstruct): readonly string[] {
  const found = brandOf(construct);
  const text = found === undefined || isOfKind(construct, found.kind) ? undefined : otherCopy(construct);
  return text === undefined ? [] : [text];
}

function isLoadBalancer(construct: IConstruct): construct is ILoadBalancer {
  return isOfKind(construct, "LoadBalancer");
}

function isServerConstruct(construct: IConstruct): construct is IDeployedServer {
  return isDeployedServer(construct);
}

/** The line with the construct's path, unless the load balancer has named another construct. */
function lineOf({ node: { path } }: IConstruct, text: string): string {
  return text.startsWith("[") ? text : `[${path}] ${text}`;
}

/** The warnings of an app or a stack, which synthesis prints, each with the path of its construct. */
export function warningsOf(scope: IConstruct): readonly string[] {
  return scope.node
    .findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type.endsWith("/warn"))
        .map(({ data }) => lineOf(construct, String(data))),
    );
}
