import { describe, expect, test } from "vitest";
import type { KeepalivedBlock, KeepalivedEntry, KeepalivedLine } from "../../../lib/config/keepalived/model.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { DEBIAN_12, DEBIAN_13, type PlatformProfile } from "../../../lib/model/platform-profile.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { compileKeepalived } from "../../../lib/node/compile/keepalived.js";
import { keepalivedChecks, keepalivedInstances, WEIGHTS } from "../../../lib/node/compile/vrrp.js";
import { FAILURES } from "../../../lib/node/failures.js";
import { mobilityOf } from "../../../lib/node/mobility/index.js";
import type { MobilityWork } from "../../../lib/node/work.js";
import { FRONTEND, PAIR, POOL, PROFILE } from "./models.js";

const [lb1, lb2] = PAIR.nodes;
const workOf = (node = lb1, loadBalancer: LoadBalancer = PAIR, profile: PlatformProfile = PROFILE): MobilityWork => {
  if (!node) throw new Error("the fixture is a pair");
  const { peers } = mobilityOf(loadBalancer, node);
  return { loadBalancer, node, peers, profile, checks: compileNode(loadBalancer, node, profile).manifest.watch.checks };
};
const vrrpOf = ({ mobility }: LoadBalancer) => {
  if (mobility.kind !== "vrrp") throw new Error("the fixture is a pair");
  return mobility;
};
const blocksOf = (node = lb1, loadBalancer: LoadBalancer = PAIR) =>
  keepalivedInstances(workOf(node, loadBalancer), vrrpOf(loadBalancer));
const confOf = (profile: PlatformProfile) => compileKeepalived(workOf(lb1, PAIR, profile), vrrpOf(PAIR));
const isLine = (entry: KeepalivedEntry): entry is KeepalivedLine => !("keyword" in entry);
const lines = (block: KeepalivedBlock | undefined) =>
  (block?.entries.filter(isLine) ?? []).map((line) => line.join(" "));
const child = (block: KeepalivedBlock | undefined, keyword: string) =>
  block?.entries.find((entry): entry is KeepalivedBlock => "keyword" in entry && entry.keyword === keyword);

describe("keepalived's check", () => {
  test.each([
    { case: "as the watch's user", user: PROFILE.watchUser, versions: DEBIAN_13 },
    { case: "as root where its config test allows no other user", user: "root", versions: DEBIAN_12 },
  ])("runs $case", ({ user, versions }) => {
    const [global] = confOf({ ...PROFILE, versions }).blocks;
    expect(lines(global)).toContain(`script_user ${user}`);
    expect(lines(global)).toContain("enable_script_security");
  });
});

describe("the instances of a pair", () => {
  test("are one for each family, in a group that alone has the checks", () => {
    const [group, v4, v6, ...others] = blocksOf();
    expect(others).toEqual([]);
    expect(lines(child(group, "group"))).toEqual(["v4", "v6"]);
    expect(lines(child(group, "track_file"))).toEqual(["drain", "dnsdist", "haproxy", "pool-resolvers"]);
    expect(lines(child(group, "track_script"))).toEqual(["watch"]);
    expect(lines(child(group, "track_interface"))).toEqual(["eth1 weight -28"]);
    for (const instance of [v4, v6]) {
      expect(child(instance, "track_file")).toBeUndefined();
      expect(child(instance, "track_script")).toBeUndefined();
    }
  });

  test("are one without a group where all addresses are of one family; it has the checks itself", () => {
    const ipv4 = { ...PAIR, virtualAddresses: PAIR.virtualAddresses.filter(({ address }) => !address.includes(":")) };
    const [v4, ...others] = blocksOf(lb1, ipv4);
    expect(others).toEqual([]);
    expect([v4?.keyword, v4?.name]).toEqual(["vrrp_instance", "v4"]);
    expect(lines(child(v4, "track_file"))).toEqual(["drain", "dnsdist", "haproxy", "pool-resolvers"]);
    expect(lines(child(v4, "track_script"))).toEqual(["watch"]);
  });

  test("are equal on both nodes but for the addresses", () => {
    const [, first] = blocksOf(lb1);
    const [, second] = blocksOf(lb2);
    expect(lines(first)).toEqual([
      "state BACKUP",
      "interface eth0",
      "virtual_router_id 53",
      "priority 250",
      "advert_int 0.2",
      "unicast_src_ip 10.0.0.2",
      "unicast_ttl 255",
    ]);
    expect(lines(child(first, "unicast_peer"))).toEqual(["10.0.0.3"]);
    expect(lines(second)).toEqual(lines(first).map((line) => line.replace("10.0.0.2", "10.0.0.3")));
    expect(lines(child(second, "unicast_peer"))).toEqual(["10.0.0.2"]);
  });

  test("carry the addresses of their family, and send answers by the gateways", () => {
    const [, v4, v6] = blocksOf();
    expect(lines(child(v4, "virtual_ipaddress"))).toEqual([
      "10.0.0.53/32 dev eth0",
      "203.0.113.53/32 dev eth1 no_track",
    ]);
    expect(lines(child(v4, "virtual_routes"))).toEqual(["default via 203.0.113.1 dev eth1 onlink table 5302 no_track"]);
    expect(lines(child(v4, "virtual_rules"))).toEqual([
      "from 203.0.113.53 lookup main suppress_prefixlength 0 priority 5202",
      "from 203.0.113.53 lookup 5302 priority 5302",
    ]);
    expect(lines(child(v6, "virtual_ipaddress"))).toEqual(["fd53::53/128 dev eth0"]);
    expect(child(v6, "virtual_routes")).toBeUndefined();
  });

  test("leave the addresses on lo, where the kernel keeps silent about them, with no wider scope than needed", () => {
    const kept = (keepsAddresses: boolean) => {
      const { blocks } = confOf({ ...PROFILE, keepsAddresses });
      return lines(blocks.find(({ keyword }) => keyword === "static_ipaddress"));
    };
    expect(kept(true)).toEqual([
      "10.0.0.53/32 dev lo scope host",
      "fd53::53/128 dev lo",
      "203.0.113.53/32 dev lo scope host",
    ]);
    expect(kept(false)).toEqual([]);
  });

  test("take adverts of the peer from its link alone where TTL security is on", () => {
    const secured = { ...PAIR, mobility: { ...vrrpOf(PAIR), ttlSecurity: true } };
    const [, v4, v6] = blocksOf(lb1, secured);
    expect(lines(child(v4, "unicast_peer"))).toEqual(["10.0.0.3 min_ttl 255 max_ttl 255"]);
    expect(lines(child(v6, "unicast_peer"))).toEqual(["fd53::3 min_ttl 255 max_ttl 255"]);
    for (const instance of [v4, v6]) expect(lines(instance)).toContain("unicast_ttl 255");
  });

  describe("with an interface of their own for adverts", () => {
    const link = (last: number) => [
      { name: "eth0", addresses: [] },
      { name: "eth2", addresses: [`172.16.0.${last}`, `fd16::${last}`] },
    ];
    const apart: LoadBalancer = {
      ...PAIR,
      nodes: PAIR.nodes.map((node, index) => ({ ...node, interfaces: link(index + 2) })),
      mobility: { ...vrrpOf(PAIR), interface: "eth2" },
    };

    test("speak there, and track the interfaces of the virtual addresses by weights", () => {
      const [group, v4, v6] = blocksOf(apart.nodes[0], apart);
      expect(lines(v4)).toEqual([
        "state BACKUP",
        "interface eth2",
        "dont_track_primary",
        "virtual_router_id 53",
        "priority 250",
        "advert_int 0.2",
        "unicast_src_ip 172.16.0.2",
        "unicast_ttl 255",
      ]);
      expect(lines(child(v4, "unicast_peer"))).toEqual(["172.16.0.3"]);
      expect(lines(child(v6, "unicast_peer"))).toEqual(["fd16::3"]);
      expect(lines(child(v4, "virtual_ipaddress"))).toEqual([
        "10.0.0.53/32 dev eth0 no_track",
        "203.0.113.53/32 dev eth1 no_track",
      ]);
      expect(lines(child(group, "track_interface"))).toEqual(["eth0 weight -14", "eth1 weight -14"]);
    });

    test("track it where it carries a virtual address, too", () => {
      const shared: LoadBalancer = {
        ...apart,
        virtualAddresses: [...PAIR.virtualAddresses, { address: "172.16.0.53", interface: "eth2" }],
      };
      const [, v4] = blocksOf(shared.nodes[0], shared);
      expect(lines(v4)).not.toContain("dont_track_primary");
      expect(lines(child(v4, "virtual_ipaddress"))).toContain("172.16.0.53/32 dev eth2");
    });
  });

  test("prefer a node only where one is named", () => {
    const preferred = {
      ...PAIR,
      mobility: { kind: "vrrp", virtualRouterId: 53, advertisementInterval: "1s", preferredNode: "lb2" },
    } as const;
    expect(lines(blocksOf(lb1, preferred)[1])).toContain("priority 250");
    expect(lines(blocksOf(lb2, preferred)[1])).toContain("priority 251");
  });
});

describe("the checks of a node", () => {
  const checks = (loadBalancer = PAIR) => keepalivedChecks(workOf(lb1, loadBalancer));
  const weights = (loadBalancer: LoadBalancer) =>
    checks(loadBalancer).map((block) => {
      const weight = lines(block).find((line) => line.startsWith("weight "));
      return [block.name, Number(weight?.split(" ")[1])] as const;
    });

  test("are read where the watch writes them, and hold while it lives", () => {
    const [drain, dnsdist, haproxy, pool, watch] = checks();
    expect(lines(drain)).toContain("init_file 0");
    for (const [block, name] of [
      [dnsdist, "dnsdist"],
      [haproxy, "haproxy"],
      [pool, "pool-resolvers"],
    ] as const) {
      expect([block?.keyword, block?.name, lines(block)[0]]).toEqual([
        "track_file",
        name,
        `file /run/dns-lb/results/check-${name}`,
      ]);
      // A file of keepalived's own would be none that the watch may write to.
      expect(lines(block).join()).not.toContain("init_file");
    }
    expect([watch?.keyword, lines(watch)[0]]).toEqual(["vrrp_script", "script /agent/check /run/dns-lb/results/watch"]);
  });

  test("weigh as severe as the list of failures says", () => {
    const listed = FAILURES.map((failure) => WEIGHTS[failure]);
    expect([...listed].sort((a, b) => a - b)).toEqual(listed);
    expect(new Set(listed).size).toBe(listed.length);
  });

  test("weigh something even where the list does not name the daemon", () => {
    const check = { kind: "http", service: "imaginary", port: 1, path: "/" } as const;
    const work = { ...workOf(), checks: [{ kind: "daemon", name: "imaginary", check } as const] };
    expect(lines(keepalivedChecks(work).find(({ name }) => name === "imaginary"))).toContain("weight -2");
  });

  test("weigh less one after the other, and never all of the priority", () => {
    const pools = (count: number) =>
      Array.from({ length: count }, (_, index) => `p${index}`).map((name) => ({
        ...{ ...FRONTEND, name },
        pool: { ...POOL, name },
      }));
    expect(weights({ ...PAIR, frontends: pools(3) })).toEqual([
      ["drain", -100],
      ["dnsdist", -60],
      ["haproxy", -40],
      ["pool-p0", -6],
      ["pool-p1", -6],
      ["pool-p2", -6],
      ["watch", -2],
    ]);
    const interfaces = 28;
    const preference = 1;
    for (const count of [1, 3, 6, 9]) {
      const all = weights({ ...PAIR, frontends: pools(count) });
      expect(250 - interfaces + all.reduce((sum, [, weight]) => sum + weight, 0)).toBeGreaterThan(0);
      // Whatever fails outweighs the preference of a node.
      for (const [, weight] of all) expect(-weight).toBeGreaterThan(preference);
    }
  });
});
