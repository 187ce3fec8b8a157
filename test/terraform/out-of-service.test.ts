import { describe, expect, test } from "vitest";
import { HaPair } from "../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { UnboundServer } from "../../lib/servers/unbound-server.js";
import type { INode } from "../../lib/terraform/node.js";
import { orderOfChanges, stackProblems } from "../../lib/terraform/out-of-service.js";
import { FakeNode, modelOf, newApp, newStack, refusal } from "../constructs.js";

const BASE = { virtualAddresses: [{ address: "10.0.0.53" }], virtualRouterId: 53 };

/** Nodes of stacks of their own, numbered from 1. */
function givenNodes(...outOfService: readonly boolean[]): FakeNode[] {
  const app = newApp();
  return outOfService.map((out, index) => {
    const stack = newStack(`lb${index + 1}`, app);
    return new FakeNode(stack, `Lb${index + 1}`, [`10.0.0.${index + 2}`], undefined, out ? { outOfService: out } : {});
  });
}
const givenPair = (first: boolean, second: boolean) => {
  const nodes = givenNodes(first, second) as [FakeNode, FakeNode];
  const pair = new HaPair(nodes[0].node.scope as never, "Dns", { ...BASE, nodes });
  return { nodes, pair };
};
const warnings = (node: INode) => node.node.metadata.map(({ data }) => data);

describe("a node out of service", () => {
  test("is changed last, in groups of any size", () => {
    const [a, b, c, d] = givenNodes(true, false, true, false) as [FakeNode, FakeNode, FakeNode, FakeNode];
    expect(orderOfChanges([a, b, c, d])).toEqual([b, d, a, c]);
    expect(orderOfChanges([])).toEqual([]);
  });

  test.each([
    ["first", [true, false], 1],
    ["second", [false, true], 0],
  ] as const)("leaves the other node free if it is the %s", (_, [first, second], survivor) => {
    const { nodes, pair } = givenPair(first, second);
    const stacks = nodes.map(({ node }) => node.scope as ReturnType<typeof newStack>);
    expect(stacks[survivor]?.dependencies).toEqual([]);
    expect(stacks[1 - survivor]?.dependencies).toEqual([stacks[survivor]]);
    expect(nodes.map(({ bindings }) => bindings[0]?.others)).toEqual([[nodes[1]], [nodes[0]]]);
    expect(modelOf(pair).nodes.map(({ name }) => name)).toEqual(["lb1", "lb2"]);
  });

  test("is warned of by itself, and told in the plan of the other node alone", () => {
    const { nodes } = givenPair(true, false);
    expect(nodes.map(warnings)).toMatchInlineSnapshot(`
      [
        [
          "node lb1 is out of service: its configuration is not changed with that of the others; take 'outOfService' out when it is back [DNSLB018]",
        ],
        [],
      ]
    `);
    expect(nodes.map(({ node }) => node.children.map(({ node: { id } }) => id))).toEqual([[], ["OutOfService"]]);
  });

  test("is told by nobody where there is none", () => {
    const { nodes } = givenPair(false, false);
    expect(nodes.map(warnings)).toEqual([[], []]);
    expect(nodes.flatMap(({ node }) => node.children)).toEqual([]);
  });

  test("needs no stack that only other nodes out of service need", () => {
    const [a, b, c] = givenNodes(true, true, false) as [FakeNode, FakeNode, FakeNode];
    (b.node.scope as ReturnType<typeof newStack>).addDependency(a.node.scope as never);
    expect(stackProblems(a, [b, c])).toEqual([]);
    expect(stackProblems(c, [a, b])).toEqual([]);
  });

  test("DNSLB140: fails when no node is left in service", () => {
    expect(refusal(() => givenPair(true, true))).toMatchInlineSnapshot(
      `"[lb1/Dns] 'nodes' must hold a node in service, got lb1/Lb1 and lb2/Lb2, all out of service; take 'outOfService' out of one that can be changed [DNSLB140]"`,
    );
  });

  test("DNSLB141: fails when no other node does its work", () => {
    const [node] = givenNodes(true) as [FakeNode];
    const stack = newStack();
    expect(refusal(() => new StandaloneLoadBalancer(stack, "Dns", { node }))).toMatchInlineSnapshot(
      `"[prod/Dns] 'node' must be in service, got lb1/Lb1, which is out of service, and no other node does its work; leave 'outOfService' out, and deploy only the other stacks while it is away [DNSLB141]"`,
    );
    const server = () => new UnboundServer(stack, "Resolver", { node, allowFrom: ["10.0.0.0/8"] });
    expect(refusal(server)).toMatchInlineSnapshot(
      `"[prod/Resolver] 'node' must be in service, got lb1/Lb1, which is out of service, and no other node does its work; leave 'outOfService' out, and deploy only the other stacks while it is away [DNSLB141]"`,
    );
  });
});
