import type { TerraformStack } from "cdktf";
import { HealthCheck } from "../../../lib/dns/health-check.js";
import { ResolverPool } from "../../../lib/dns/resolver-pool.js";
import { Secret } from "../../../lib/dns/secret.js";
import { HaPair } from "../../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../../lib/ha/standalone-load-balancer.js";
import { DockerNetwork } from "../../../lib/platforms/docker/docker-network.js";
import { DockerNode } from "../../../lib/platforms/docker/docker-node.js";
import { newStack } from "../../constructs.js";

const SUBNET = "10.88.0.0/24";
export const NETWORK = "dnslb-e2e-node";
export const RESOLVER = "10.88.0.80";
/** Where nobody is: the second server of pools whose release differs. */
const ABSENT = "10.88.0.81";

/** How a stack of a test is made. */
export interface StackOptions {
  readonly image: string;
  /** The file with the password of statistics. */
  readonly password: string;
  /** Adds a second server to the pool, which makes another release. */
  readonly secondServer?: boolean;
}

/** The addresses of a pair, by its number. */
export function pairAddresses(number: number) {
  return { first: `10.88.0.${number}1`, second: `10.88.0.${number}2`, virtual: `10.88.0.${number}3` };
}

/** The pair of a number: its nodes `Lb1` and `Lb2` in the network of all tests. */
export function pairStack(number: number, options: StackOptions): TerraformStack {
  const stack = newStack(`pair${number}`);
  const { first, second, virtual } = pairAddresses(number);
  const loadBalancer = new HaPair(stack, "Dns", {
    nodes: [
      new DockerNode(stack, "Lb1", { address: first, name: `lb${number}1`, ...common(options) }),
      new DockerNode(stack, "Lb2", { address: second, name: `lb${number}2`, ...common(options) }),
    ],
    virtualAddresses: [{ address: virtual }],
    virtualRouterId: number,
    statistics: { user: "ops", password: Secret.fromLocalFile(options.password) },
  });
  loadBalancer.addDnsFrontend("Internal", { pool: pool(stack, options), allowFrom: [SUBNET] });
  return stack;
}

export const SOLO = "10.88.0.91";

/** One node, `Solo`, in the network of all tests. */
export function soloStack(options: StackOptions): TerraformStack {
  const stack = newStack("solo");
  const loadBalancer = new StandaloneLoadBalancer(stack, "Dns", {
    node: new DockerNode(stack, "Solo", { address: SOLO, ...common(options) }),
  });
  loadBalancer.addDnsFrontend("Internal", { pool: pool(stack, options), allowFrom: [SUBNET] });
  return stack;
}

function common({ image }: StackOptions) {
  return { image, network: DockerNetwork.bridge({ subnet: SUBNET, name: NETWORK }) };
}

function pool(stack: TerraformStack, { secondServer = false }: StackOptions): ResolverPool {
  const second = secondServer ? [{ name: "resolver2", address: ABSENT }] : [];
  return new ResolverPool(stack, "Resolvers", {
    servers: [{ name: "resolver1", address: RESOLVER }, ...second],
    // What the resolver has an answer of the right type for; HAProxy looks.
    healthCheck: HealthCheck.query({ name: "health.example.com", type: "A" }),
  });
}
