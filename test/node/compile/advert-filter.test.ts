import { expect, test } from "vitest";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import type { Vrrp } from "../../../lib/model/vrrp.js";
import { compileAdvertFilter } from "../../../lib/node/compile/advert-filter.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { mobilityOf } from "../../../lib/node/mobility/index.js";
import { PAIR, PROFILE } from "./models.js";

const VRRP: Vrrp = { virtualRouterId: 53, advertisementInterval: "200ms" };

/** The rules of the first node, each as it is printed. */
function rulesOf(vrrp: Vrrp, loadBalancer: LoadBalancer = PAIR): string[] {
  const [node] = loadBalancer.nodes;
  if (node === undefined) throw new RangeError("the fixture is a pair");
  const { peers } = mobilityOf(loadBalancer, node);
  const { rules } = compileAdvertFilter({ loadBalancer, node, peers, profile: PROFILE, checks: [] }, vrrp);
  return rules.map((rule) => rule.join(" "));
}

test("what comes to a node's own address from anybody but its peer is dropped", () => {
  expect(rulesOf(VRRP)).toEqual([
    "meta l4proto 112 ip daddr 10.0.0.2 ip saddr != { 10.0.0.3 } counter drop",
    "meta l4proto 112 ip6 daddr fd53::2 ip6 saddr != { fd53::3 } counter drop",
    "ip6 daddr fd53::2 frag nexthdr { 43,44,60 } counter drop",
  ]);
});

test("with TTL security, what passed a router is dropped, too", () => {
  expect(rulesOf({ ...VRRP, ttlSecurity: true })).toEqual([
    "meta l4proto 112 ip daddr 10.0.0.2 ip saddr != { 10.0.0.3 } counter drop",
    "meta l4proto 112 ip daddr 10.0.0.2 ip ttl != 255 counter drop",
    "meta l4proto 112 ip6 daddr fd53::2 ip6 saddr != { fd53::3 } counter drop",
    "meta l4proto 112 ip6 daddr fd53::2 ip6 hoplimit != 255 counter drop",
    "ip6 daddr fd53::2 frag nexthdr { 43,44,60 } counter drop",
  ]);
});

test("there is nothing of a family without virtual addresses", () => {
  const ipv4 = { ...PAIR, virtualAddresses: PAIR.virtualAddresses.filter(({ address }) => !address.includes(":")) };
  expect(rulesOf(VRRP, ipv4).filter((rule) => rule.includes("ip6"))).toEqual([]);
});

test("with an interface of their own, adverts are filtered at its addresses", () => {
  const link = (last: number) => [
    { name: "eth0", addresses: [] },
    { name: "eth2", addresses: [`172.16.0.${last}`, `fd16::${last}`] },
  ];
  const apart = { ...PAIR, nodes: PAIR.nodes.map((node, index) => ({ ...node, interfaces: link(index + 2) })) };
  expect(rulesOf({ ...VRRP, interface: "eth2" }, apart)).toEqual([
    "meta l4proto 112 ip daddr 172.16.0.2 ip saddr != { 172.16.0.3 } counter drop",
    "meta l4proto 112 ip6 daddr fd16::2 ip6 saddr != { fd16::3 } counter drop",
    "ip6 daddr fd16::2 frag nexthdr { 43,44,60 } counter drop",
  ]);
});

test("a node of a pair gets it as a file, which the agent finds by a setting", () => {
  const [node] = PAIR.nodes;
  if (node === undefined) throw new RangeError("the fixture is a pair");
  const { files, manifest } = compileNode(PAIR, node, PROFILE);
  const path = manifest.services.find(({ name }) => name === "keepalived")?.settings["filter"];
  expect(files.find((file) => file.path === path)?.content).toContain(`table inet dns_lb_${node.name} {`);
});
