import { INSTALLATION } from "../../core/installation.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import { DEFAULT_CONNECTIONS } from "../../model/node.js";
import { connectionsOf } from "../../model/node-connections.js";
import { digestOf } from "./digest.js";

/** The lists of the model whose order does not matter. */
const UNORDERED: ReadonlySet<string> = new Set([
  ...["nodes", "frontends", "virtualAddresses", "dotListeners", "listeners", "servers", "zones", "allowFrom"],
]);

/**
 * A digest of a load balancer's model and of the version of this library. It is the same on all nodes, whatever their
 * platforms.
 */
export function configurationOf(loadBalancer: LoadBalancer): string {
  const connections = connectionsOf(loadBalancer);
  const shared = connections === DEFAULT_CONNECTIONS ? loadBalancer : { ...loadBalancer, connections };
  return digestOf(INSTALLATION.version, canonicalText(shared));
}

/** What a node is, and not what it does: whether it is out of service, and what it has. */
const NOT_DONE: ReadonlySet<string> = new Set(["outOfService", "memory", "processors", "maxConnections"]);

/** JSON with sorted keys and unordered lists sorted, without the values of secrets. */
function canonicalText(value: unknown, name = ""): string {
  if (Array.isArray(value)) {
    const texts = value.map((each) => canonicalText(each));
    return `[${(UNORDERED.has(name) ? texts.sort() : texts).join()}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || NOT_DONE.has(key) || isSecretValue(value, key)) continue;
    members.push(`${JSON.stringify(key)}:${canonicalText(member, key)}`);
  }
  return `{${members.sort().join()}}`;
}

/** The value of a secret is a token, which differs between syntheses. */
function isSecretValue(parent: object, key: string): boolean {
  return key === "value" && "kind" in parent && (parent.kind === "variable" || parent.kind === "ephemeral");
}
