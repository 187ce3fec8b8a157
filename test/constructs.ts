import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { inject } from "vitest";
import { UnscopedValidationError } from "../lib/core/errors.js";
import { type ILoadBalancer, LOAD_BALANCER } from "../lib/dns/load-balancer.js";
import { ResolverPool } from "../lib/dns/resolver-pool.js";
import type { LoadBalancer } from "../lib/model/load-balancer.js";
import type { NodeDescription } from "../lib/model/node.js";
import { DEBIAN_13, type PlatformProfile } from "../lib/model/platform-profile.js";
import { NodeBase, type NodeBinding, type NodeConfig } from "../lib/terraform/node.js";

/** A directory for the tests of a process; apps make directories in it although they are never written. */
export const scratch = mkdtempSync(join(inject("scratch"), "app-"));

/** A stack of an app that is never written. */
export function newStack(id = "prod", app: App = newApp()): TerraformStack {
  return new TerraformStack(app, id);
}

/** An app that is never written. */
export function newApp(): App {
  return new App({ outdir: scratch });
}

/** A node that makes no resource. */
export class FakeNode extends NodeBase {
  readonly description: NodeDescription;
  readonly network: string;
  readonly profile: PlatformProfile = {
    name: "lab",
    versions: DEBIAN_13,
    paths: { state: "/state", run: "/run/node", agent: "/agent", trustStore: "/trust.pem" },
    user: "dns-lb",
    watchUser: "dns-lb-watch",
    keepsAddresses: true,
    log: "stdout",
  };
  readonly bindings: NodeBinding[] = [];

  constructor(
    scope: Construct,
    id: string,
    addresses: readonly string[],
    network = "10.0.0.0/24",
    more: Partial<NodeDescription> = {},
  ) {
    super(scope, id);
    this.description = { name: id.toLowerCase(), addresses, interface: "eth0", ...more };
    this.network = network;
  }

  bind(binding: NodeBinding): NodeConfig {
    this.bindings.push(binding);
    return { done: [] };
  }
}

/** A resolver pool of one server. */
export function resolverPool(scope: Construct, id = "Resolvers"): ResolverPool {
  return new ResolverPool(scope, id, { servers: [{ name: "resolver1", address: "192.168.1.10" }] });
}

/** The model behind a load balancer. */
export function modelOf(loadBalancer: ILoadBalancer): LoadBalancer {
  return loadBalancer[LOAD_BALANCER].model();
}

/** What a user sees of a refusal: the message. */
export function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UnscopedValidationError) return error.message;
    throw error;
  }
  return "nothing was refused";
}

/** What a user sees at synthesis, without line numbers of tests. */
export function problemsAtSynthesis(scope: Construct): string {
  const lines = scope.node
    .findAll()
    .flatMap((construct) => construct.node.validate().map((text) => `[${construct.node.path}] ${text}`));
  return lines.map((line) => line.replace(/ \(made at [^)]*\)$/, "")).join("\n") || "nothing was refused";
}
