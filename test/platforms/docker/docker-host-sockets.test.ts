import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import type { TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { StandaloneLoadBalancer } from "../../../lib/ha/standalone-load-balancer.js";
import { DockerNetwork } from "../../../lib/platforms/docker/docker-network.js";
import { DockerNode, type DockerNodeProps } from "../../../lib/platforms/docker/docker-node.js";
import { UnboundServer } from "../../../lib/servers/unbound-server.js";
import { newApp, newStack, problemsAtSynthesis, resolverPool } from "../../constructs.js";

const HOST = DockerNetwork.host();
const IMAGE = "dns-lb-node:own";

function resolver(stack: TerraformStack, id: string, node: DockerNodeProps, port = 53): void {
  new UnboundServer(stack, id, {
    node: new DockerNode(stack, `${id}Node`, { image: IMAGE, ...node }),
    allowFrom: ["10.0.0.0/8"],
    port,
  });
}

function balancer(stack: TerraformStack, id: string, node: DockerNodeProps): void {
  const lb = new StandaloneLoadBalancer(stack, id, { node: new DockerNode(stack, `${id}Node`, node) });
  lb.addDnsFrontend(`${id}Front`, { pool: resolverPool(stack, `${id}Pool`), allowFrom: ["10.0.0.0/8"] });
}

/** Two stacks, the nodes of which are on these engines. */
function stacks(first: string, second: string) {
  const app = newApp();
  return [first, second].map((host, index) => {
    const stack = newStack(`s${index + 1}`, app);
    new DockerProvider(stack, "docker", { host });
    return stack;
  }) as [TerraformStack, TerraformStack];
}

describe("DNSLB002: nodes on the network of one host", () => {
  test("fail when a resolver has the port of a load balancer, which listens on all addresses", () => {
    const stack = newStack();
    balancer(stack, "Lb", { address: "10.0.0.2", network: HOST });
    resolver(stack, "Resolver", { address: "10.0.0.9", network: HOST });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/ResolverNode] 'network' is on the network of its host and listens on 10.0.0.9:53, which is taken with 0.0.0.0:53, where prod/LbNode on the same host listens already; give one of them a network of its own, such as DockerNetwork.macvlan(), another port or another engine [DNSLB002]"`,
    );
  });

  test("fail when two load balancers or two resolvers of one address are there, in any stack", () => {
    const [one, two] = stacks("ssh://a", "ssh://a");
    balancer(one, "A", { address: "10.0.0.2", network: HOST });
    balancer(two, "B", { address: "10.0.0.3", network: HOST });
    expect(problemsAtSynthesis(one)).toBe("nothing was refused");
    expect(problemsAtSynthesis(two)).toMatch(/^\[s2\/BNode\] 'network' .*s1\/ANode.*\[DNSLB002\]$/);
    const stack = newStack();
    resolver(stack, "A", { address: "10.0.0.2", network: HOST });
    resolver(stack, "B", { address: "10.0.0.2", network: HOST });
    expect(problemsAtSynthesis(stack)).toContain("[DNSLB002]");
  });

  const same = { engine: "ssh://a", address: "10.0.0.2", port: 53, network: HOST };
  test.each([
    ["two addresses", { address: "10.0.0.3" }],
    ["two ports", { port: 5353 }],
    ["two engines", { engine: "ssh://b" }],
    ["a network of its own", { network: DockerNetwork.existing({ name: "lan", subnet: "10.0.0.0/24" }) }],
  ])("may be there with %s", (_, other) => {
    const { engine, address, port, network } = { ...same, ...other };
    const [one, two] = stacks("ssh://a", engine);
    resolver(one, "A", { address: "10.0.0.2", network: HOST });
    resolver(two, "B", { address, network }, port);
    expect(problemsAtSynthesis(two)).toBe("nothing was refused");
  });
});
