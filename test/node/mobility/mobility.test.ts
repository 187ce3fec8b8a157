import { describe, expect, test } from "vitest";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { NodeDescription } from "../../../lib/model/node.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { mobilityOf } from "../../../lib/node/mobility/index.js";
import { PAIR, PROFILE } from "../compile/models.js";

const [lb1, lb2] = PAIR.nodes as [NodeDescription, NodeDescription];
const lb3: NodeDescription = { name: "lb3", addresses: ["10.0.0.4", "fd53::4"], interface: "eth0" };
const THREE: LoadBalancer = { ...PAIR, nodes: [lb1, lb2, lb3] };

describe("VRRP", () => {
  test("lets addresses move between all nodes, however many there are", () => {
    expect(mobilityOf(THREE, lb2).peers).toEqual([lb1, lb3]);
    const { files, manifest } = compileNode(THREE, lb2, PROFILE);
    const [pool] = manifest.watch.checks.filter((check) => check.kind === "pool");
    expect(pool?.peers).toEqual(["10.0.0.2", "10.0.0.4"]);
    const conf = files.find(({ path }) => path === "keepalived/keepalived.conf")?.content;
    expect(conf).toMatch(/unicast_peer \{\s+10\.0\.0\.2\s+10\.0\.0\.4\s+\}/);
    const policy = files.find(({ path }) => path === "dnsdist/policy.lua")?.content;
    for (const address of ["10.0.0.2/32", "10.0.0.4/32", "fd53::2/128", "fd53::4/128"])
      expect(policy).toContain(address);
  });

  test("says whether the addresses stand on lo, too", () => {
    const kept = (keepsAddresses: boolean) => mobilityOf(PAIR, lb1).manifest({ ...PROFILE, keepsAddresses });
    for (const keeps of [true, false]) {
      expect(kept(keeps)).toMatchObject({ kind: "vrrp", virtualAddresses: PAIR.virtualAddresses.map(() => ({})) });
      expect(kept(keeps)).toHaveProperty("virtualAddresses.0.onLoopback", keeps);
    }
  });
});

test("where nothing moves addresses, a node has no peers and no daemon for it", () => {
  const { daemons, peers, manifest } = mobilityOf({ ...PAIR, nodes: [lb1], mobility: { kind: "fixed" } }, lb1);
  expect([daemons, peers, manifest(PROFILE)]).toEqual([[], [], { kind: "fixed" }]);
});
