import { describe, expect, test } from "vitest";
import { printBird } from "../../../lib/config/bird/index.js";
import type { BgpMember, BgpNeighbor } from "../../../lib/model/bgp.js";
import type { NodeDescription } from "../../../lib/model/node.js";
import { routerConf, routerSecrets, upstreamConf } from "../../../lib/testing/lab/router-files.js";
import { type Group, networksOf, nodeRoutes, routersOf, serviceRoutes } from "../../../lib/testing/lab/router-plan.js";

const neighbor = (address: string, changes: Partial<BgpNeighbor> = {}): BgpNeighbor => ({
  ...{ address, asn: 64_500 },
  ...changes,
});

function group(neighbors: readonly BgpNeighbor[][], nodes: Partial<NodeDescription> = {}): Group {
  const names = neighbors.map((_, index) => `lb${index + 1}`);
  return {
    name: "dns",
    nodes: names.map((name, index) => ({
      ...{ name, interface: "eth0", addresses: [`10.9.0.${11 + index}`, `fd09::${11 + index}`] },
      ...nodes,
    })),
    addresses: ["192.0.2.53", "2001:db8:53::53"],
    bgp: {
      asn: 64_512,
      members: names.map((node, index): BgpMember => ({ node, neighbors: neighbors[index] ?? [], communities: [] })),
      defaultRoute: "bgp",
      whenSick: { daemon: "withdraw", pool: "prepend" },
    },
  };
}

const addressesOf = (groups: readonly Group[]) => routersOf(groups).map(({ name, addresses }) => [name, addresses]);

describe("routersOf", () => {
  test("takes the n-th neighbors of both families for one router, and knows it again", () => {
    const both = [neighbor("10.9.0.1"), neighbor("10.9.0.2"), neighbor("fd09:0::1"), neighbor("fd09::2")];
    const other = [neighbor("fd09::2"), neighbor("10.9.0.2")];
    expect(addressesOf([group([both, other])])).toEqual([
      ["router1", ["10.9.0.1", "fd09::1"]],
      ["router2", ["10.9.0.2", "fd09::2"]],
    ]);
    const [first, second] = routersOf([group([both, other])]);
    expect(first?.sessions.map(({ node, neighbor: own }) => [node, own])).toEqual([
      ["lb1", "10.9.0.11"],
      ["lb1", "fd09::11"],
    ]);
    expect(second?.sessions.map(({ name, node, family }) => [name, node, family])).toEqual([
      ["node1", "lb1", "ipv4"],
      ["node2", "lb1", "ipv6"],
      ["node3", "lb2", "ipv4"],
      ["node4", "lb2", "ipv6"],
    ]);
  });

  test("has the network of a node on a router that is further away, too", () => {
    const far = group([[neighbor("198.51.100.1", { multihop: 2 })]], { addresses: ["10.9.0.11"] });
    expect(routersOf([far])).toMatchObject([{ addresses: ["198.51.100.1"], sessions: [{ network: "10.9.0.0/24" }] }]);
  });

  test("takes neighbors of two systems for two routers", () => {
    expect(addressesOf([group([[neighbor("10.9.0.1"), neighbor("fd09::1", { asn: 64_501 })]])])).toEqual([
      ["router1", ["10.9.0.1"]],
      ["router2", ["fd09::1"]],
    ]);
  });

  test("fails when a router is in two systems", () => {
    const groups = [group([[neighbor("10.9.0.1")], [neighbor("10.9.0.1", { asn: 64_501 })]])];
    expect(() => routersOf(groups)).toThrowErrorMatchingInlineSnapshot(
      `[LabError: the router 10.9.0.1 is in AS 64500 for one member and in AS 64501 for another]`,
    );
  });

  test("fails when a node has no address of the family of a neighbor", () => {
    const groups = [group([[neighbor("fd09::1")]], { addresses: ["10.9.0.11"] })];
    expect(() => routersOf(groups)).toThrowErrorMatchingInlineSnapshot(
      `[LabError: node "lb1" has no address of the family of its neighbor fd09::1]`,
    );
  });
});

describe("networksOf", () => {
  test.each([
    ["10.9.0.1", {}, "10.9.0.0/24"],
    ["10.9.3.1", {}, "10.9.0.0/22"],
    ["10.9.3.1", { interfaces: [{ name: "eth0", addresses: ["10.9.0.11"], subnets: ["10.9.0.0/16"] }] }, "10.9.0.0/16"],
  ] as const)("puts a node and its neighbor %s into one network", (address, changes, expected) => {
    const own = group([[neighbor(address)]], { addresses: ["10.9.0.11"], ...changes });
    expect(own.nodes.map((node) => networksOf(own, node))).toEqual([[expected]]);
  });

  test("leaves out neighbors that are further away", () => {
    const own = group([[neighbor("10.9.0.1"), neighbor("198.51.100.1", { multihop: 2 })]], {
      addresses: ["10.9.0.11"],
    });
    expect(own.nodes.map((node) => networksOf(own, node))).toEqual([["10.9.0.0/24"]]);
  });
});

describe("nodeRoutes", () => {
  const own = group([[neighbor("10.9.0.1"), neighbor("10.9.0.2")]]);
  const [node = { name: "", addresses: [], interface: "" }] = own.nodes;

  test("gives a node no default route that its routers announce", () => {
    expect(nodeRoutes(own, node).routes).toEqual(["::/0 dev eth0"]);
  });

  test("gives a node one through its first router otherwise", () => {
    const fixed = { ...own, bgp: { ...own.bgp, defaultRoute: "static" } } as const;
    expect(nodeRoutes(fixed, node).routes).toEqual(["default via 10.9.0.1 dev eth0 onlink", "::/0 dev eth0"]);
  });

  test("fails when a node is no member", () => {
    expect(() => nodeRoutes(own, { ...node, name: "other" })).toThrowErrorMatchingInlineSnapshot(
      `[LabError: node "other" is no member of the group "dns"]`,
    );
  });
});

test("clients reach what groups announce through the upstream router", () => {
  expect(serviceRoutes([group([])], { ipv4: "198.19.255.1", ipv6: "2001:db8:5b::1" }, "eth0")).toEqual([
    "192.0.2.53/32 via 198.19.255.1 dev eth0 onlink",
    "2001:db8:53::53/128 via 2001:db8:5b::1 dev eth0 onlink",
  ]);
});

const PASSWORD = { kind: "local-file", path: "router" } as const;
const BFD = { interval: "300ms", multiplier: 3 } as const;
const GROUP = group([
  [neighbor("10.9.0.1", { password: PASSWORD, bfd: BFD }), neighbor("fd09::1", { bfd: BFD })],
  [neighbor("10.9.0.1", { multihop: 3 })],
]);

test("bird.conf of a router speaks to its nodes as they do", () => {
  const [plan] = routersOf([GROUP]);
  if (plan === undefined) throw new Error("no router");
  const place = { place: 1, services: GROUP.addresses, secrets: "/run/secrets.conf", namesAuthentication: true };
  expect(printBird(routerConf(plan, place))).toMatchInlineSnapshot(`
    "log stderr all;
    router id 198.19.255.11;
    timeformat protocol iso long ms;

    protocol device {
      scan time 10;
    }

    include "/run/secrets.conf";
    define SERVICE4 = [ 192.0.2.53/32 ];

    filter hear4 {
      if net !~ SERVICE4 then reject;
      if (65535, 0) ~ bgp_community then bgp_local_pref = 0;
      accept;
    }

    define SERVICE6 = [ 2001:db8:53::53/128 ];

    filter hear6 {
      if net !~ SERVICE6 then reject;
      if (65535, 0) ~ bgp_community then bgp_local_pref = 0;
      accept;
    }

    protocol kernel kernel4 {
      merge paths on limit 16;
      ipv4 {
        import none;
        export where source = RTS_BGP;
      };
    }

    protocol kernel kernel6 {
      merge paths on limit 16;
      ipv6 {
        import none;
        export where source = RTS_BGP;
      };
    }

    protocol static default4 {
      ipv4;
      route 0.0.0.0/0 unreachable;
    }

    protocol static default6 {
      ipv6;
      route ::/0 unreachable;
    }

    protocol bfd {
    }

    template bgp lab {
      strict bind yes;
      hold time 9;
      keepalive time 3;
      connect retry time 2;
      connect delay time 1;
      error wait time 1, 5;
      graceful restart off;
      long lived graceful restart off;
    }

    protocol bgp node1 from lab {
      local 10.9.0.1 as 64500;
      neighbor 10.9.0.11 as 64512;
      authentication md5;
      password PASSWORD_node1;
      ttl security on;
      bfd {
        min rx interval 300 ms;
        min tx interval 300 ms;
        multiplier 3;
      };
      ipv4 {
        import filter hear4;
        export where source = RTS_STATIC;
        next hop self;
      };
    }

    protocol bgp node2 from lab {
      local fd09::1 as 64500;
      neighbor fd09::11 as 64512;
      ttl security on;
      bfd {
        min rx interval 300 ms;
        min tx interval 300 ms;
        multiplier 3;
      };
      ipv6 {
        import filter hear6;
        export where source = RTS_STATIC;
        next hop self;
      };
    }

    protocol bgp node3 from lab {
      local 10.9.0.1 as 64500;
      neighbor 10.9.0.12 as 64512;
      multihop 3;
      ipv4 {
        import filter hear4;
        export where source = RTS_STATIC;
        next hop self;
      };
    }

    protocol bgp upstream4 from lab {
      local 198.19.255.11 as 64500;
      neighbor 198.19.255.1 as 4294967000;
      bfd {
        min rx interval 100 ms;
        min tx interval 100 ms;
        multiplier 3;
      };
      ipv4 {
        import none;
        export where source = RTS_BGP;
        next hop self;
      };
    }

    protocol bgp upstream6 from lab {
      local 2001:db8:5b::11 as 64500;
      neighbor 2001:db8:5b::1 as 4294967000;
      bfd {
        min rx interval 100 ms;
        min tx interval 100 ms;
        multiplier 3;
      };
      ipv6 {
        import none;
        export where source = RTS_BGP;
        next hop self;
      };
    }
    "
  `);
  expect(printBird(routerSecrets(new Map([["node1", "it's $ecret"]])))).toMatchInlineSnapshot(`
    "define PASSWORD_node1 = "it's $ecret";
    "
  `);
});

test("bird.conf of the upstream router spreads over the routers", () => {
  expect(printBird(upstreamConf(routersOf([GROUP]), ["192.0.2.53"]))).toMatchInlineSnapshot(`
    "log stderr all;
    router id 198.19.255.1;
    timeformat protocol iso long ms;

    protocol device {
      scan time 10;
    }

    define SERVICE4 = [ 192.0.2.53/32 ];

    filter hear4 {
      if net !~ SERVICE4 then reject;
      if (65535, 0) ~ bgp_community then bgp_local_pref = 0;
      accept;
    }

    filter hear6 {
      reject;
    }

    protocol kernel kernel4 {
      merge paths on limit 16;
      ipv4 {
        import none;
        export where source = RTS_BGP;
      };
    }

    protocol kernel kernel6 {
      merge paths on limit 16;
      ipv6 {
        import none;
        export where source = RTS_BGP;
      };
    }

    protocol bfd {
    }

    template bgp lab {
      strict bind yes;
      hold time 9;
      keepalive time 3;
      connect retry time 2;
      connect delay time 1;
      error wait time 1, 5;
      graceful restart off;
      long lived graceful restart off;
    }

    protocol bgp router1v4 from lab {
      local 198.19.255.1 as 4294967000;
      neighbor 198.19.255.11 as 64500;
      bfd {
        min rx interval 100 ms;
        min tx interval 100 ms;
        multiplier 3;
      };
      ipv4 {
        import filter hear4;
        export none;
        next hop self;
      };
    }

    protocol bgp router1v6 from lab {
      local 2001:db8:5b::1 as 4294967000;
      neighbor 2001:db8:5b::11 as 64500;
      bfd {
        min rx interval 100 ms;
        min tx interval 100 ms;
        multiplier 3;
      };
      ipv6 {
        import filter hear6;
        export none;
        next hop self;
      };
    }
    "
  `);
});
