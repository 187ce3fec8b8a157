import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeMistake } from "../../lib/core/address-kind.js";
import { ResolverPool } from "../../lib/dns/resolver-pool.js";
import { HaPair } from "../../lib/ha/ha-pair.js";
import { DockerNetwork } from "../../lib/platforms/docker/docker-network.js";
import { DockerNode } from "../../lib/platforms/docker/docker-node.js";
import { NsdServer } from "../../lib/servers/nsd-server.js";
import { UnboundServer } from "../../lib/servers/unbound-server.js";
import { Zone } from "../../lib/servers/zone.js";
import { FakeNode, newStack, problemsAtSynthesis, refusal } from "../constructs.js";

const SUBNETS = ["10.0.0.0/22", "fd00::/64"];

function node(stack: ReturnType<typeof newStack>, host: number): FakeNode {
  const addresses = [`10.0.0.${host}`, `fd00::${host}`];
  return new FakeNode(stack, `N${host}`, addresses, SUBNETS[0], {
    interfaces: [{ name: "eth0", addresses, subnets: SUBNETS }],
  });
}

/** What synthesis says of a pair with these servers. */
function served(...addresses: readonly string[]): string {
  const stack = newStack();
  const pool = new ResolverPool(stack, "Resolvers", {
    servers: addresses.map((address, index) => ({ name: `r${index}`, address })),
  });
  const nodes = [node(stack, 2), node(stack, 3)] as const;
  new HaPair(stack, "Dns", {
    nodes,
    virtualAddresses: [{ address: "10.0.0.53" }],
    virtualRouterId: 1,
  }).addDnsFrontend("Front", { pool, allowFrom: ["10.0.0.0/8"] });
  return problemsAtSynthesis(stack);
}

describe("DNSLB142: an address that no machine can have in a known subnet", () => {
  test("fails as that of a server behind", () => {
    expect(served("192.168.1.10", "10.0.3.255")).toMatchInlineSnapshot(
      `"[prod/Dns] [prod/Dns/Front] 'pool' leads to server "r1" of pool "resolvers" (of the construct id "Resolvers"), whose address must not be the last address, that of all machines, of 10.0.0.0/22, got "10.0.3.255"; choose another address [DNSLB142]"`,
    );
    expect(served("10.0.0.0", "fd00::")).toMatch(/10\.0\.0\.0.*DNSLB142.*\n.*fd00::.*DNSLB142/);
    expect(served("10.0.1.255", "10.0.0.255", "fd00::ffff")).toBe("nothing was refused");
  });

  test("fails as that of a peer of a server, at the property that gives it", () => {
    const stack = newStack();
    new UnboundServer(stack, "Resolver", {
      node: node(stack, 4),
      allowFrom: ["10.0.0.0/8"],
      forwardTo: [{ address: "192.0.2.1" }, { address: "10.0.3.255" }],
      forwardZones: [{ name: "a.test", forwardTo: [{ address: "10.0.0.0" }] }],
    });
    new NsdServer(stack, "Auth", {
      node: node(stack, 5),
      zones: [Zone.fromPrimary({ name: "a.test", primaries: [{ address: "192.0.2.1" }, { address: "10.0.3.255" }] })],
      secondaries: [{ address: "fd00::" }],
    });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
      "[prod/Resolver] 'forwardTo[1].address' must not be the last address, that of all machines, of 10.0.0.0/22, got "10.0.3.255"; choose another address [DNSLB142]
      [prod/Resolver] 'forwardZones[0].forwardTo[0].address' must not be the first address, that of the network itself, of 10.0.0.0/22, got "10.0.0.0"; choose another address [DNSLB142]
      [prod/Auth] 'zones[0].primaries[1].address' must not be the last address, that of all machines, of 10.0.0.0/22, got "10.0.3.255"; choose another address [DNSLB142]
      [prod/Auth] 'secondaries[0].address' must not be the first address, that of all routers, of fd00::/64, got "fd00::"; choose another address [DNSLB142]"
    `);
  });

  test("fails as that of a node or of a router on Docker", () => {
    const made = (props: object) =>
      refusal(() => new DockerNode(newStack(), "Node", { address: "10.0.0.2", ...props }));
    expect(made({ address: "10.0.0.255" })).toMatchInlineSnapshot(
      `"[prod/Node] 'address' must not be the last address, that of all machines, of 10.0.0.0/24, got "10.0.0.255"; choose another address [DNSLB142]"`,
    );
    expect(made({ address: "10.0.0.0" })).toContain("[DNSLB142]");
    expect(made({ address6: "fd00::" })).toContain("'address6' must not be the first address, that of all routers,");
    expect(made({ address: "10.0.0.255", network: DockerNetwork.bridge({ subnet: "10.0.0.0/16" }) })).toBe(
      "nothing was refused",
    );
    const gateway = (address: string) =>
      refusal(() => DockerNetwork.macvlan({ parent: "eth0", subnet: "10.0.0.0/24", gateway: address }));
    expect(gateway("10.0.0.255")).toMatchInlineSnapshot(
      `"[DockerNetwork.macvlan()] 'gateway' must not be the last address, that of all machines, of 10.0.0.0/24, got "10.0.0.255"; choose another address [DNSLB142]"`,
    );
    expect(gateway("10.0.0.254")).toBe("nothing was refused");
  });

  test("is the first or the last of any IPv4 subnet, the first of any IPv6 one, and no other", () => {
    const subnet = fc.tuple(fc.constantFrom(4, 16), fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), fc.nat(126));
    fc.assert(
      fc.property(subnet, fc.constantFrom("first", "last", "second"), ([bytes, seed, length], which) => {
        const size = bytes * 8;
        const bits = length % (size - 1);
        const [host, base] = [BigInt(size - bits), seed << BigInt(size - 32)];
        const first = (base >> host) << host;
        const value = first + { first: 0n, second: 1n, last: (1n << host) - 1n }[which];
        const given = placeMistake(`${text(first, bytes)}/${bits}`, text(value, bytes));
        expect(given === undefined).toBe(which === "second" || (which === "last" && bytes === 16));
      }),
      { numRuns: 1_000 },
    );
  });
});

function text(value: bigint, bytes: number): string {
  if (bytes === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
  return Array.from({ length: 8 }, (_, index) => ((value >> BigInt(16 * (7 - index))) & 0xffffn).toString(16)).join(
    ":",
  );
}
