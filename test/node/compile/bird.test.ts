import { describe, expect, test } from "vitest";
import { BirdConfig, printBird } from "../../../lib/config/bird/index.js";
import type { Bgp } from "../../../lib/model/bgp.js";
import { type BirdWork, compileBird } from "../../../lib/node/compile/bird.js";
import { BIRD_WORK, GROUP } from "./groups.js";

const config = (work: Partial<BirdWork> = {}) => new BirdConfig(compileBird({ ...BIRD_WORK, ...work }));
const group = (bgp: Partial<Bgp>) => config({ bgp: { ...GROUP, ...bgp } });

describe("bird.conf of a node of a group", () => {
  test("announces the addresses of the group at the cost that the announcer says", () => {
    expect(printBird(config().file)).toMatchInlineSnapshot(`
      "log stderr all;
      router id 10.0.0.2;
      timeformat protocol iso long ms;
      include "router1.conf";
      include "/run/dns-lb/cost.conf";
      define SERVICE4 = [ 203.0.113.53/32, 203.0.113.54/32 ];
      define SERVICE6 = [ 2001:db8:113::53/128 ];

      filter announce {
        if !(net.type = NET_IP4 && net ~ SERVICE4) && !(net.type = NET_IP6 && net ~ SERVICE6) then reject;
        if source != RTS_DEVICE then reject;
        if STATE = 2 then reject;
        bgp_community.add((64500, 310));
        bgp_community.add((64512, COST));
        if STATE = 1 then bgp_community.add((65535, 0));
        if COST > 0 then bgp_path.prepend(64512);
        if COST > 1 then bgp_path.prepend(64512);
        if COST > 2 then bgp_path.prepend(64512);
        if COST > 3 then bgp_path.prepend(64512);
        accept;
      }

      protocol device {
        scan time 10;
      }

      protocol direct services {
        interface "lo";
        ipv4 {
          import where net ~ SERVICE4;
        };
        ipv6 {
          import where net ~ SERVICE6;
        };
      }

      protocol kernel kernel4 {
        persist;
        merge paths on limit 8;
        ipv4 {
          import none;
          export where source = RTS_BGP;
        };
      }

      protocol kernel kernel6 {
        persist;
        merge paths on limit 8;
        ipv6 {
          import none;
          export where source = RTS_BGP;
        };
      }

      protocol bfd {
      }

      template bgp upstream {
        strict bind yes;
        hold time 9;
        keepalive time 3;
        connect retry time 2;
        connect delay time 1;
        error wait time 1, 5;
        graceful restart off;
        long lived graceful restart off;
      }

      protocol bgp router1 from upstream {
        local 10.0.0.2 as 64512;
        neighbor 10.0.0.1 as 64500;
        password PASSWORD_1;
        ttl security on;
        bfd {
          min rx interval 300 ms;
          min tx interval 300 ms;
          multiplier 3;
        };
        ipv4 {
          import where net = 0.0.0.0/0;
          import limit 2 action block;
          export filter announce;
          next hop self;
        };
      }

      protocol bgp router2 from upstream {
        local 2001:db8::2 as 64512;
        neighbor 2001:db8::1 as 64500;
        ttl security on;
        bfd {
          min rx interval 300 ms;
          min tx interval 300 ms;
          multiplier 3;
        };
        ipv6 {
          import where net = ::/0;
          import limit 2 action block;
          export filter announce;
          next hop self;
        };
      }

      protocol bgp router3 from upstream {
        local 10.0.0.2 as 64512;
        neighbor 198.51.100.1 as 4200000001;
        multihop 3;
        ipv4 {
          import none;
          export filter announce;
          next hop self;
        };
      }
      "
    `);
  });

  test("has the cost in a large community where the number of the group is too long for others", () => {
    const filter = group({ asn: 4_200_000_000 }).filter("announce");
    expect(filter).toContain("bgp_large_community.add((4200000000, 1, COST));");
    expect(filter.filter((line) => line.includes("4200000000, COST"))).toEqual([]);
    expect(filter).toContain("if COST > 3 then bgp_path.prepend(4200000000);");
  });

  test("takes no route where the node has a default route of its own, and needs no right to install one", () => {
    const own = group({ defaultRoute: "static" });
    expect(own.bgp("router1").linesOf("ipv4")).toEqual(["import none;", "export filter announce;", "next hop self;"]);
    expect(printBird(own.file)).not.toContain("protocol kernel");
  });

  test("names how passwords are sent where BIRD wants to know, and holds none", () => {
    const text = printBird(config({ namesAuthentication: true }).file);
    expect(text).toContain("authentication md5;\n  password PASSWORD_1;");
    expect(text.match(/authentication/g)).toHaveLength(1);
    expect(text).not.toContain("/etc/dns-lb/router1");
  });

  test("includes no passwords, and has no BFD, where no neighbor has any", () => {
    const [member] = GROUP.members;
    const neighbors = [{ address: "10.0.0.1", asn: 64_500 }];
    const plain = group({ members: [{ ...(member as (typeof GROUP.members)[0]), neighbors }] });
    expect(plain.lines.filter((line) => line.startsWith("include"))).toEqual(['include "/run/dns-lb/cost.conf";']);
    expect(printBird(plain.file)).not.toContain("bfd");
  });

  test("has one family where the group has addresses of one", () => {
    const text = printBird(config({ addresses: ["203.0.113.53"] }).file);
    expect(text).toContain("if !(net.type = NET_IP4 && net ~ SERVICE4) then reject;");
    expect(text).not.toContain("SERVICE6");
  });

  test("tells nodes without an IPv4 address apart by the end of their IPv6 address", () => {
    const [member] = GROUP.members;
    const neighbors = [{ address: "2001:db8::1", asn: 64_500 }];
    const node = { ...BIRD_WORK.node, addresses: ["2001:db8::1:11"] };
    const bgp = { ...GROUP, members: [{ ...(member as (typeof GROUP.members)[0]), neighbors }] };
    expect(config({ node, bgp }).lines).toContain("router id 0.1.0.17;");
  });

  test("fails when the node is no member", () => {
    expect(() => config({ node: { ...BIRD_WORK.node, name: "lb2" } })).toThrow("node lb2 is no member of its group");
  });
});
