import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cidrContains } from "../../lib/core/ip.js";
import { HaPair, type HaPairProps } from "../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { strayAddress } from "../../lib/rules/stray-addresses.js";
import { UnboundServer } from "../../lib/servers/unbound-server.js";
import { FakeNode, newStack, problemsAtSynthesis, refusal, resolverPool } from "../constructs.js";

const SUBNETS = ["10.0.0.0/22", "fd00::/64"];

function givenNodes(stack = newStack(), hosts: readonly number[] = [2, 3]) {
  const [first, second] = hosts.map((host) => {
    const addresses = [`10.0.0.${host}`, `fd00::${host}`];
    const interfaces = [{ name: "eth0", addresses, subnets: SUBNETS }];
    return new FakeNode(stack, `Lb${host}`, addresses, SUBNETS[0], { interfaces });
  });
  return { stack, nodes: [first, second] as [FakeNode, FakeNode] };
}

const refused = (virtualAddresses: HaPairProps["virtualAddresses"]) => {
  const { stack, nodes } = givenNodes();
  return refusal(() => new HaPair(stack, "Dns", { nodes, virtualAddresses, virtualRouterId: 53 }));
};
const one = (address: string, more: object = {}) => refused([{ address, ...more }]);
const many = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => ({
    address: prefix.includes(":")
      ? `${prefix}${(index + 256).toString(16)}`
      : `${prefix}${1 + (index >> 7)}.${index & 127}`,
  }));

describe("virtual addresses", () => {
  test("DNSLB142: fail when they are of a kind that no node can hold", () => {
    expect(one("fe80::53")).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses[0].address' must be an address that a node can hold, got "fe80::53", a link-local address, which means something else on each link [DNSLB142]"`,
    );
    expect(one("255.255.255.255")).toContain("[DNSLB142]");
  });

  test("DNSLB142: fail when they are the first or the last address of their subnet", () => {
    expect(one("10.0.3.255")).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses[0].address' must not be the last address, that of all machines, of 10.0.0.0/22, got "10.0.3.255"; choose another address [DNSLB142]"`,
    );
    expect(one("10.0.0.0")).toContain("[DNSLB142]");
    expect(one("fd00::")).toContain("[DNSLB142]");
    expect(one("10.0.1.255")).toBe("nothing was refused");
    expect(one("fd00::ffff:ffff:ffff:ffff")).toBe("nothing was refused");
  });

  test("fail when one of them or a node is the router of another", () => {
    expect(one("10.0.0.53", { gateway: "10.0.0.53" })).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses[0].gateway' must be the address of a router, got "10.0.0.53", the virtual address itself [DNSLB113]"`,
    );
    expect(one("fd00::53", { gateway: "FD00:0::53" })).toContain("[DNSLB113]");
    expect(one("10.0.0.53", { gateway: "10.0.0.3" })).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses[0].gateway' must be the address of a router, got "10.0.0.3", an address of prod/Lb3 itself [DNSLB113]"`,
    );
    expect(refused([{ address: "10.0.0.53", gateway: "10.0.0.54" }, { address: "10.0.0.54" }])).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses[0].gateway' must be the address of a router, got "10.0.0.54", which is virtualAddresses[1] [DNSLB113]"`,
    );
    expect(one("10.0.0.53", { gateway: "10.0.0.1" })).toBe("nothing was refused");
    expect(one("fd00::53", { gateway: "fe80::1" })).toBe("nothing was refused");
  });

  test("DNSLB145: fail when there are more than an advert has room for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 250, max: 260 }), fc.integer({ min: 85, max: 95 }), (ipv4, ipv6) => {
        const message = refused([...many(ipv4, "10.0."), ...many(ipv6, "fd00::")]);
        expect(message.includes("at most 255 IPv4")).toBe(ipv4 > 255);
        expect(message.includes("at most 89 IPv6")).toBe(ipv6 > 89);
      }),
      { numRuns: 20 },
    );
    expect(refused(many(256, "10.0."))).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses' must hold at most 255 IPv4 addresses, which one VRRP advert has room for, got 256; spread them over several pairs [DNSLB145]"`,
    );
  });

  describe("DNSLB119: fail when they are in another network than their interface", () => {
    const networks = ["10.0.0.0/22", "10.1.0.0/24", "fd00::/64", "fd01::/64", "192.168.0.0/16"];

    test("of the nodes themselves", () => {
      const stack = newStack();
      const nodes = [2, 3].map((host) => {
        const interfaces = [
          { name: "eth0", addresses: [`10.0.0.${host}`], subnets: ["10.0.0.0/22"] },
          { name: "eth1", addresses: [`10.1.0.${host}`], subnets: ["10.1.0.0/24"] },
        ];
        return new FakeNode(stack, `Lb${host}`, [`10.0.0.${host}`], "10.0.0.0/22", { interfaces });
      }) as [FakeNode, FakeNode];
      const made = (virtualAddress: HaPairProps["virtualAddresses"][number]) =>
        refusal(
          () =>
            new HaPair(stack, `P${stack.node.children.length}`, {
              nodes,
              virtualAddresses: [virtualAddress],
              virtualRouterId: 53,
            }),
        );
      expect(made({ address: "10.1.0.53" })).toMatchInlineSnapshot(
        `"[prod/P2] 'virtualAddresses[0].address' must not be in another network than its interface, which is in 10.0.0.0/22, got "10.1.0.53" of 10.1.0.0/24, that of eth1, where no machine would find it; choose another address, or name that interface [DNSLB119]"`,
      );
      expect(made({ address: "10.0.0.53", interface: "eth1" })).toContain("[DNSLB119]");
      expect(made({ address: "10.1.0.53", interface: "eth1" })).toBe("nothing was refused");
    });

    test("of another node of the app", () => {
      const stack = newStack();
      const { nodes } = givenNodes(stack);
      const lb = new HaPair(stack, "Dns", { nodes, virtualAddresses: [{ address: "10.7.0.53" }], virtualRouterId: 53 });
      lb.addDnsFrontend("Front", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
      const interfaces = [{ name: "eth0", addresses: ["10.7.0.9"], subnets: ["10.7.0.0/24"] }];
      new FakeNode(stack, "Other", ["10.7.0.9"], "10.7.0.0/24", { interfaces });
      expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
        `"[prod/Dns] 'virtualAddresses[0].address' must not be in another network than its interface, which is in 10.0.0.0/22, got "10.7.0.53" of 10.7.0.0/24, a network of prod/Other, where no machine would find it; choose another address [DNSLB119]"`,
      );
    });

    test("and only then", () => {
      const hosts = fc.constantFrom("10.0.1.53", "10.1.0.53", "fd00::53", "fd01::53", "192.168.9.53", "203.0.113.53");
      fc.assert(
        fc.property(fc.subarray(networks), fc.subarray(networks), hosts, (own, others, address) => {
          const family = own.filter((subnet) => subnet.includes(":") === address.includes(":"));
          const isIn = (subnets: readonly string[]) => subnets.some((subnet) => cidrContains(subnet, address));
          const found = strayAddress(
            address,
            own,
            others.map((subnet) => ({ subnet, title: "another" })),
          );
          expect(found.length).toBe(family.length > 0 && !isIn(own) && isIn(others) ? 1 : 0);
        }),
      );
    });
  });

  test("DNSLB142: fail when their gateway is the first or the last address of its subnet", () => {
    expect(one("10.0.0.53", { gateway: "10.0.3.255" })).toMatchInlineSnapshot(
      `"[prod/Dns] 'virtualAddresses[0].gateway' must not be the last address, that of all machines, of 10.0.0.0/22, got "10.0.3.255"; choose another address [DNSLB142]"`,
    );
    expect(one("10.0.0.53", { gateway: "10.0.0.0" })).toContain("[DNSLB142]");
    // In IPv6, the first address is that of all routers.
    expect(one("fd00::53", { gateway: "fd00::" })).toBe("nothing was refused");
  });

  describe("DNSLB016: fail at synthesis when they are those", () => {
    const pair = (stack: ReturnType<typeof newStack>, id: string, hosts: readonly number[], address = "10.0.0.53") => {
      const { nodes } = givenNodes(stack, hosts);
      const virtualAddresses = [{ address }];
      const lb = new HaPair(stack, id, { nodes, virtualAddresses, virtualRouterId: hosts[0] ?? 1 });
      lb.addDnsFrontend("Front", { pool: resolverPool(stack, `${id}Pool`), allowFrom: ["10.0.0.0/8"] });
    };

    test("of another pair", () => {
      const stack = newStack();
      pair(stack, "A", [2, 3]);
      pair(stack, "B", [4, 5]);
      expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
        `"[prod/B] 'virtualAddresses[0].address' must be an address that nothing else has, got "10.0.0.53", a virtual address of prod/A on the same network; give one of them another [DNSLB016]"`,
      );
    });

    test("of a server or of a load balancer of the app", () => {
      const stack = newStack();
      pair(stack, "A", [2, 3], "10.0.0.9");
      pair(stack, "B", [4, 5], "10.0.0.8");
      const [server, single] = givenNodes(stack, [9, 8]).nodes;
      new UnboundServer(stack, "Resolver", { node: server, allowFrom: ["10.0.0.0/8"] });
      new StandaloneLoadBalancer(stack, "Single", { node: single }).addDnsFrontend("Front", {
        pool: resolverPool(stack),
        allowFrom: ["10.0.0.0/8"],
      });
      expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
        "[prod/A] 'virtualAddresses[0].address' must be an address that nothing else has, got "10.0.0.9", an address of prod/Lb9 on the same network; give one of them another [DNSLB016]
        [prod/B] 'virtualAddresses[0].address' must be an address that nothing else has, got "10.0.0.8", an address of prod/Lb8 on the same network; give one of them another [DNSLB016]"
      `);
    });

    test("and not when the networks are others", () => {
      const stack = newStack();
      pair(stack, "A", [2, 3]);
      const far = [4, 5].map((host) => new FakeNode(stack, `Far${host}`, [`10.9.0.${host}`], "10.9.0.0/24"));
      const lb = new HaPair(stack, "B", {
        nodes: far as never,
        virtualAddresses: [{ address: "10.0.0.53" }],
        virtualRouterId: 9,
      });
      lb.addDnsFrontend("Front", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
      expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
    });
  });
});
