import { expect, test } from "vitest";
import { DockerNetwork } from "../../../lib/platforms/docker/docker-network.js";
import { DockerNode } from "../../../lib/platforms/docker/docker-node.js";
import { newStack, refusal } from "../../constructs.js";

test("DNSLB102: a node or a network without IPv4 fails with what an engine needs for it", () => {
  expect(refusal(() => new DockerNode(newStack(), "Node", { address6: "fd00::2" } as never))).toMatchInlineSnapshot(
    `"[prod/Node] 'address' is required: an IPv4 address; networks without IPv4 need Docker Engine 28.0 or later, and Terraform's Docker provider cannot make them yet, so give an IPv4 one beside IPv6 [DNSLB102]"`,
  );
  expect(refusal(() => DockerNetwork.bridge({ subnet6: "fd00::/64" } as never))).toMatchInlineSnapshot(
    `"[DockerNetwork.bridge()] 'subnet' is required: an IPv4 network; networks without IPv4 need Docker Engine 28.0 or later, and Terraform's Docker provider cannot make them yet, so give an IPv4 one beside IPv6 [DNSLB102]"`,
  );
  for (const make of [
    () => DockerNetwork.macvlan({ parent: "eth0", subnet6: "fd00::/64" } as never),
    () => DockerNetwork.existing({ name: "lan", subnet6: "fd00::/64" } as never),
  ]) {
    expect(refusal(make)).toContain("Docker Engine 28.0");
  }
});

test("DNSLB007: a node that nothing uses names the line that made it", () => {
  const stack = newStack();
  const node = new DockerNode(stack, "Node", { address: "10.0.0.2" });
  expect(node.node.validate().join()).toMatch(
    /^runs nothing; .* \[DNSLB007\] \(made at .*docker-node-refusals\.test\.ts:\d+\)$/,
  );
});
