import { expect } from "vitest";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { dnsLbMatchers } from "../../../lib/testing/matchers.js";
import { NodeUnderTest, nodesOf } from "../../../lib/testing/nodes-of.js";
import { appWithGroup, appWithPair } from "../../testing/app.js";
import { testWith } from "../config/daemon.js";

expect.extend(dnsLbMatchers);

const testWithDaemons = testWith("haproxy", "keepalived", "dnsdist", "openssl", "unshare");

testWithDaemons("the daemons take what constructs make", async () => {
  for (const node of nodesOf(appWithPair())) await expect(node).toPassDaemonChecks();
});

testWith(
  "haproxy",
  "bird",
  "dnsdist",
  "unshare",
)("BIRD takes what constructs make, and is heard when it does not", async () => {
  const nodes = nodesOf(appWithGroup());
  for (const node of nodes) await expect(node).toPassDaemonChecks();
  const [node] = nodes;
  if (node === undefined) throw new RangeError("no node");
  // Behind the back of the constructs, which refuse a number that cannot be.
  const mobility = { ...node.loadBalancer.mobility, asn: 0 } as LoadBalancer["mobility"];
  const loadBalancer = { ...node.loadBalancer, mobility };
  const broken = new NodeUnderTest({ kind: "load-balancer", loadBalancer }, node.node, node.spec);
  await expect(expect(broken).toPassDaemonChecks()).rejects.toThrow(/bird: .*local AS/i);
});

testWithDaemons("what a node needs of its machine is not asked of this one", async () => {
  const [node] = nodesOf(appWithPair());
  if (node === undefined) throw new RangeError("no node");
  const much = { processors: 64, maxConnections: 200_000, memory: 2 ** 50 };
  const loadBalancer = { ...node.loadBalancer, nodes: node.loadBalancer.nodes.map((each) => ({ ...each, ...much })) };
  const strong = new NodeUnderTest({ kind: "load-balancer", loadBalancer }, { ...node.node, ...much }, node.spec);
  await expect(strong).toPassDaemonChecks();
});

testWithDaemons("fails when a daemon refuses, with its own words", async () => {
  const [node] = nodesOf(appWithPair());
  if (node === undefined) throw new RangeError("no node");
  // Behind the back of the constructs, which refuse an interface that cannot be.
  const loadBalancer: LoadBalancer = {
    ...node.loadBalancer,
    mobility: { kind: "vrrp", virtualRouterId: 300, advertisementInterval: "200ms" },
  };
  const broken = new NodeUnderTest({ kind: "load-balancer", loadBalancer }, node.node, node.spec);
  await expect(expect(broken).toPassDaemonChecks()).rejects.toThrow(/keepalived: .*300/);
});
