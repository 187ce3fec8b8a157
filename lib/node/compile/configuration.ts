import { INSTALLATION } from "../../core/installation.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import { digestOf } from "./digest.js";

/** The lists of the model whose order means nothing. */
const UNORDERED: ReadonlySet<string> = new Set([
  ...["nodes", "frontends", "virtualAddresses", "dotListeners", "listeners", "servers", "zones", "allowFrom"],
]);

/**
 * A digest of what the nodes of a load balancer do together: of its model and of the library that compiles it. It is the
 * same on each node, whatever the node runs on.
 */
export function configurationOf(loadBalancer: LoadBalancer): string {
  return digestOf(INSTALLATION.version, canonicalText(loadBalancer));
}

/** JSON with everything that means nothing in one order, and without the values of secrets. */
function canonicalText(value: unknown, name = ""): string {
  if (Array.isArray(value)) {
    const texts = value.map((each) => canonicalText(each));
    return `[${(UNORDERED.has(name) ? texts.sort() : texts).join()}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([key, member]) => member !== undefined && !isSecretValue(value, key))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member, key)}`);
  return `{${members.sort().join()}}`;
}

/** A token, which differs from one synthesis to the next. */
function isSecretValue(parent: object, key: string): boolean {
  return key === "value" && "kind" in parent && parent.kind === "variable";
}
