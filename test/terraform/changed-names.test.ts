import { expect, test } from "vitest";
import { ResolverPool } from "../../lib/dns/resolver-pool.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { FakeNode, newStack, problemsAtSynthesis } from "../constructs.js";

function problems(pool: string, loadBalancer: string): string {
  const stack = newStack();
  const node = new FakeNode(stack, "N", ["10.0.0.1"]);
  new StandaloneLoadBalancer(stack, loadBalancer, { node }).addDnsFrontend("Front", {
    pool: new ResolverPool(stack, pool, { servers: [{ name: "a", address: "10.0.0.1" }] }),
    allowFrom: ["10.0.0.0/8"],
  });
  return problemsAtSynthesis(stack);
}

test("a name that was made of another construct id says so", () => {
  expect(problems("PublicResolvers", "DnsLb")).toMatchInlineSnapshot(
    `"[prod/DnsLb] [prod/DnsLb/Front] 'pool' leads to server "a" of pool "public-resolvers" (of the construct id "PublicResolvers") at 10.0.0.1, an address of load balancer "dns-lb" (of the construct id "DnsLb") itself; give the addresses of the servers behind it [DNSLB010]"`,
  );
});

test("so does the name of a node", () => {
  const stack = newStack();
  const node = new FakeNode(stack, "Lb1", ["10.0.0.1"], "10.0.0.0/24", { memory: 64 * 1_048_576 });
  new StandaloneLoadBalancer(stack, "dns", { node, outstandingQueries: 60_000 }).addDnsFrontend("Front", {
    pool: new ResolverPool(stack, "resolvers", { servers: [{ name: "a", address: "192.168.1.10" }] }),
    allowFrom: ["10.0.0.0/8"],
  });
  expect(problemsAtSynthesis(stack)).toContain('node "lb1" (of the construct id "Lb1") has 64 MiB of memory');
});

test("a name that is the construct id says nothing", () => {
  expect(problems("resolvers", "dns")).not.toContain("construct id");
});
