import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { expect, test } from "vitest";
import type { BgpMobility } from "../../lib/model/address-mobility.js";
import { compileNode } from "../../lib/node/compile/index.js";
import { BundleNode } from "../../lib/platforms/bundle/bundle-node.js";
import { DockerNetwork } from "../../lib/platforms/docker/docker-network.js";
import { DockerNode } from "../../lib/platforms/docker/docker-node.js";
import { DockerNodeImage } from "../../lib/platforms/docker/docker-node-image.js";
import { SshHostKey } from "../../lib/platforms/ssh/ssh-host-key.js";
import { SshNode } from "../../lib/platforms/ssh/ssh-node.js";
import type { NodeBase } from "../../lib/terraform/node.js";
import { newStack, problemsAtSynthesis } from "../constructs.js";
import { PAIR } from "../node/compile/models.js";

const ADDRESS = "10.0.0.2";
const MACVLAN = DockerNetwork.macvlan({ parent: "eth0", subnet: "10.0.0.0/24" });

/** Lets a node announce addresses, as its group does. */
function announcing(node: NodeBase, addresses: readonly string[] = ["203.0.113.53", "2001:db8:113::53"]): string {
  const bgp: BgpMobility = {
    ...{ kind: "bgp", asn: 64_512, addresses, defaultRoute: "bgp", whenSick: { daemon: "withdraw", pool: "prepend" } },
    members: [{ node: node.description.name, neighbors: [{ address: "10.0.0.1", asn: 64_500 }], communities: [] }],
    ...{ returnAfter: "10s", damping: { moves: 3, within: "10m" }, gracefulShutdown: "10s" },
  };
  const group = { ...PAIR, nodes: [node.description], virtualAddresses: [], mobility: bgp };
  const spec = compileNode(group, node.description, node.profile);
  node.bind({ workload: "group", spec: () => spec, others: [], after: [] });
  return problemsAtSynthesis(node);
}

const docker = (network?: DockerNetwork) => {
  const stack = newStack();
  const provider = new DockerProvider(stack, "docker", {});
  const image = new DockerNodeImage(stack, "Image", { daemons: "anycast", provider });
  return new DockerNode(stack, "Node", { address: ADDRESS, provider, image, ...(network ? { network } : {}) });
};

const ssh = { hostKey: SshHostKey.unchecked() };

test.each([
  ["macvlan", () => docker(MACVLAN)],
  ["a network that is there", () => docker(DockerNetwork.existing({ name: "lan", subnet: "10.0.0.0/24" }))],
  ["the host, which keeps addresses", () => docker(DockerNetwork.host({ keepsAddresses: true }))],
  ["a host over SSH", () => new SshNode(newStack(), "Node", { address: ADDRESS, ssh })],
  ["a host without Terraform", () => new BundleNode(newStack(), "Node", { address: ADDRESS })],
])("a node on %s may announce addresses", (_, make) => {
  expect(announcing(make())).toBe("nothing was refused");
});

test("DNSLB180: fails when no router reaches a node", () => {
  expect(announcing(docker())).toMatchInlineSnapshot(
    `"[prod/Node] 'network' must be one that routers reach, got DockerNetwork.bridge(), which ends at its engine; use DockerNetwork.macvlan(), DockerNetwork.host() or DockerNetwork.existing() [DNSLB180]"`,
  );
});

test("DNSLB181: fails when the kernel would announce the addresses by ARP", () => {
  const keepsAddresses = false;
  expect(
    [
      docker(DockerNetwork.host()),
      new SshNode(newStack(), "Node", { address: ADDRESS, ssh, keepsAddresses }),
      new BundleNode(newStack(), "Node", { address: ADDRESS, keepsAddresses }),
    ]
      .map((node) => announcing(node))
      .join("\n"),
  ).toMatchInlineSnapshot(`
    "[prod/Node] 'network' must let the node have 203.0.113.53 on lo at all times, which its kernel would announce by ARP; use DockerNetwork.host({ keepsAddresses: true }) [DNSLB181]
    [prod/Node] 'keepsAddresses' must let the node have 203.0.113.53 on lo at all times, which its kernel would announce by ARP; use \`keepsAddresses: true\`, the default [DNSLB181]
    [prod/Node] 'keepsAddresses' must let the node have 203.0.113.53 on lo at all times, which its kernel would announce by ARP; use \`keepsAddresses: true\`, the default [DNSLB181]"
  `);
});

test("addresses of IPv6 alone need nothing of ARP", () => {
  expect(announcing(docker(DockerNetwork.host()), ["2001:db8:113::53"])).toBe("nothing was refused");
});

test("DNSLB122: fails when the image has no BIRD, with what to make", () => {
  const node = new DockerNode(newStack(), "Node", { address: ADDRESS, network: MACVLAN });
  expect(announcing(node)).toMatchInlineSnapshot(
    `"[prod/Node] runs haproxy, dnsdist, bird, but its 'image' "dns-lb-node:debian-13", the default, has haproxy, dnsdist, keepalived; give it one such as \`new DockerNodeImage(this, "Image", { daemons: "anycast" })\` [DNSLB122]"`,
  );
});

test("default routes that are in the way are moved back where they are the node's own, else refused", () => {
  const routes = ({ profile }: NodeBase) => profile.ownsRoutes === true;
  expect([docker(MACVLAN), docker(), docker(DockerNetwork.host())].map(routes)).toEqual([true, true, false]);
  expect(routes(new SshNode(newStack(), "Node", { address: ADDRESS, ssh }))).toBe(false);
});
