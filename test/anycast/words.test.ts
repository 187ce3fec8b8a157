import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canonicalAddress, familyOf } from "../../lib/core/ip.js";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import { ModelLab } from "../../lib/testing/index.js";
import { onBothGenerations } from "../lab/generations.js";
import { ADDRESS, group, NODES } from "./model.js";
import { OPTIONS } from "./site.js";

/* Nodes ask each other over IPv6 where one of them has nothing else. */

const SERVERS = [1, 2].map((index) => ({
  ...{ name: `resolver${index}`, address: `fd01::1${index}`, port: 53, weight: 1 },
}));
const isIpv6 = (address: string) => familyOf(address) === "ipv6";

/** The group with an address of IPv6 alone, whose last node has no IPv4. */
function overIpv6(): LoadBalancer {
  const model = group();
  if (model.mobility.kind !== "bgp") throw new RangeError("the model is no group");
  return {
    ...model,
    nodes: model.nodes.map((node) => ({
      ...node,
      addresses: node.name === NODES.at(-1) ? node.addresses.filter(isIpv6) : node.addresses,
    })),
    frontends: model.frontends.map((each) => ({
      ...each,
      addresses: each.addresses.filter(isIpv6),
      pool: { ...each.pool, servers: SERVERS },
    })),
    mobility: {
      ...model.mobility,
      addresses: [ADDRESS.ipv6],
      members: model.mobility.members.map((member) => ({
        ...member,
        neighbors: member.neighbors.filter(({ address }) => isIpv6(address)),
      })),
    },
  };
}

onBothGenerations(({ name, options }) => {
  let lab: ModelLab;
  beforeAll(async () => {
    lab = await ModelLab.start([overIpv6()], { ...OPTIONS, ...options, name: `words_${name}` });
  });
  afterAll(() => lab?.stop());

  const status = async (node: string) => JSON.parse((await lab.node(node).agent("status", "--json")).stdout);
  const nodesOf = async () => (await lab.router("router1").nodes(ADDRESS.ipv6)).join();

  test("all nodes hear all others, at their addresses of IPv6", async () => {
    await sleep(1_000);
    for (const node of NODES) {
      const { words } = await status(node);
      expect(words).toHaveLength(NODES.length - 1);
      for (const word of words) {
        expect(word).toMatchObject({ announces: true, serves: true });
        expect(word.age).toBeLessThan(1);
        expect(familyOf(canonicalAddress(word.address))).toBe("ipv6");
      }
    }
  });

  test("a node without dnsdist withdraws by the word of others, and comes back when nobody else serves", async () => {
    const [first, second, third] = NODES;
    await lab.node(first).process("dnsdist").kill();
    await lab.waitFor(async () => (await nodesOf()) === `${second},${third}`);
    await lab.node(second).process("dnsdist").kill();
    await lab.waitFor(async () => (await nodesOf()) === third);
    await lab.node(third).process("dnsdist").kill();
    // Nothing withdraws everywhere: all are equally ill.
    await lab.waitFor(async () => (await nodesOf()) === NODES.join());
    for (const node of NODES) lab.node(node).process("dnsdist").start();
    const costs = async () => (await lab.router("router1").paths(ADDRESS.ipv6)).map(({ cost }) => cost).join();
    await lab.waitFor(async () => (await costs()) === "0,0,0", { timeout: "60s" });
  });

  test("the last node that serves is not drained", async () => {
    const [first, second, third] = NODES;
    for (const node of [second, third]) expect((await lab.node(node).agent("drain")).status).toBe(0);
    expect(await lab.node(first).agent("drain")).toMatchObject({
      ...{ status: 1, stderr: expect.stringContaining("no other node of the group serves") },
    });
  });
});
