import { expect, test } from "vitest";
import type { NodeDescription } from "../../lib/model/node.js";
import { connectionsOf, connectionsOn, descriptorsFor, mostDescriptorsOf } from "../../lib/model/node-connections.js";
import { frontend, resolverPool, servers, standalone } from "../lab/models.js";

const GIB = 1_073_741_824;
const node: NodeDescription = { name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" };
const withServers = (count: number) =>
  standalone({ frontends: [frontend({ pool: resolverPool({ servers: servers("r", "10.1.0.1", count) }) })] });

test.each<[expected: number, what: string, given: Partial<NodeDescription>, servers?: number]>([
  [8_000, "unknown memory", {}],
  [8_000, "little memory", { memory: GIB / 8 }],
  [8_000, "1 GiB", { memory: GIB }],
  [16_000, "2 GiB", { memory: 2 * GIB }],
  [24_000, "3 GiB", { memory: 3 * GIB }],
  [24_000, "much memory", { memory: 64 * GIB }],
  [16_000, "3 GiB, of which servers leave less", { memory: 3 * GIB }, 100],
  [8_000, "3 GiB, of which servers leave nothing", { memory: 3 * GIB }, 150],
  [1_000, "what it is given", { memory: GIB, maxConnections: 1_000 }],
  [100_000, "what it is given, whatever memory it has", { memory: GIB, maxConnections: 100_000 }],
])("%i connections with %s", (expected, _, given, count = 2) => {
  expect(connectionsOn({ ...node, ...given }, withServers(count))).toBe(expected);
});

test("of two nodes the fewer ones count, because each takes those of the other", () => {
  const of = (...nodes: Partial<NodeDescription>[]) =>
    connectionsOf({ ...withServers(2), nodes: nodes.map((each) => ({ ...node, ...each })) });
  expect(of({ memory: 2 * GIB }, { memory: 3 * GIB })).toBe(16_000);
  expect(of({ maxConnections: 30_000 }, { maxConnections: 9_000 })).toBe(9_000);
  expect(of({ maxConnections: 30_000 }, {})).toBe(8_000);
  expect(of()).toBe(8_000);
});

test.each([
  [1_000, 10_000],
  [8_000, 20_000],
  [24_000, 52_000],
  [200_000, 404_000],
])("%i connections need %i descriptors, two each and more for what else there is", (connections, descriptors) => {
  expect(descriptorsFor(connections)).toBe(descriptors);
});

test("a node's descriptors do not depend on its servers, which come and go", () => {
  expect(mostDescriptorsOf({ memory: 3 * GIB })).toBe(52_000);
  expect(mostDescriptorsOf({ memory: 3 * GIB, maxConnections: 2_000 })).toBe(10_000);
});
