import { afterEach, beforeEach, expect, test } from "vitest";
import type { PoolWatch } from "../../../lib/model/manifest.js";
import { FakeNode, manifest } from "./fake-node.js";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const alive = { kind: "dns", service: "dnsdist", port: 9, name: "a.", address: "127.0.0.1" } as const;
const pool: PoolWatch = {
  ...{ kind: "pool", name: "pool-a", alive: { ...alive, proxyProtocol: false }, peers: ["127.0.0.9"] },
  ...{ proof: "00".repeat(17), patience: 100 },
};
const watch = { interval: 200, timeout: 100, fall: 2, rise: 2, checks: [pool] };

test.each([
  [
    "a peer that is out of service",
    [{ name: "b", address: "127.0.0.9" }],
    "lb a",
    "b is out of service, gets no changes; silent",
    ["b"],
  ],
  [
    "that the node itself is out of service",
    [{ name: "a", address: "127.0.0.1" }],
    "lb a (out of service)",
    "silent: away, or without a live pool",
    ["a"],
  ],
  ["nothing where all nodes are in service", undefined, "lb a", "silent: away, or without a live pool", []],
])("status tells of %s", async (_, outOfService, first, peer, names) => {
  const release = manifest({ services: [], watch, ...(outOfService === undefined ? {} : { outOfService }) });
  expect(await node.agent("apply", node.bundle(release))).toMatchObject({ status: 0 });
  const lines = (await node.agent("status")).stdout.split("\n");
  expect(lines[0]).toBe(first);
  expect(lines).toContain(`peer 127.0.0.9: ${peer}`);
  expect(JSON.parse((await node.agent("status", "--json")).stdout)).toMatchObject({
    outOfService: names,
    peers: { "127.0.0.9": false },
  });
});
