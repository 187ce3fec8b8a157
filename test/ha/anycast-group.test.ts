import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, test } from "vitest";
import { Certificate } from "../../lib/dns/certificate.js";
import { DotListener } from "../../lib/dns/dot-listener.js";
import { Secret } from "../../lib/dns/secret.js";
import { AnycastGroup, type AnycastGroupProps, type AnycastMemberOptions } from "../../lib/ha/anycast-group.js";
import { HaPair } from "../../lib/ha/ha-pair.js";
import type { NodeDescription } from "../../lib/model/node.js";
import type { PlatformProfile } from "../../lib/model/platform-profile.js";
import {
  FakeNode,
  modelOf,
  newApp,
  newStack,
  problemsAtSynthesis,
  refusal,
  resolverPool,
  scratch,
} from "../constructs.js";

const ROUTERS = [
  { address: "10.0.0.1", asn: 64_500 },
  { address: "fd53::1", asn: 64_500 },
];
const ADDRESSES = ["192.0.2.53", "2001:db8::53"];

/** A node that its platform lets do less. */
class LesserNode extends FakeNode {
  override readonly profile: PlatformProfile;

  constructor(stack: TerraformStack, id: string, addresses: readonly string[], less: Partial<PlatformProfile>) {
    super(stack, id, addresses);
    this.profile = { ...new FakeNode(stack, `${id}Base`, addresses).profile, ...less };
  }
}

function node(stack: TerraformStack, place: number, more: Partial<NodeDescription> = {}): FakeNode {
  return new FakeNode(stack, `Ams${place}`, [`10.0.0.${place}`, `fd53::${place}`], "10.0.0.0/24", more);
}

function members(stack: TerraformStack, ...places: number[]): AnycastMemberOptions[] {
  return places.map((place) => ({ node: node(stack, place), neighbors: ROUTERS }));
}

function made(stack: TerraformStack, props: Partial<AnycastGroupProps> = {}, id = "Ams"): AnycastGroup {
  return new AnycastGroup(stack, id, {
    ...{ asn: 64_512, addresses: ADDRESSES },
    ...props,
    members: props.members ?? members(stack, 11, 12),
  });
}

/** What is refused of a group with one member that differs. */
function refused(props: (stack: TerraformStack) => Partial<AnycastGroupProps>): string {
  const stack = newStack();
  return refusal(() => made(stack, props(stack)));
}

/** What is refused of a group whose member has these neighbors, beside the usual ones. */
const neighbor = (...more: unknown[]) =>
  refused((stack) => ({ members: [{ node: node(stack, 11), neighbors: [...ROUTERS, ...(more as typeof ROUTERS)] }] }));

describe("AnycastGroup", () => {
  test("fills in defaults", () => {
    const stack = newStack();
    const bfd = { interval: "300ms", multiplier: 3 };
    const neighbors = ROUTERS.map((router) => ({ ...router, bfd }));
    expect(modelOf(made(stack))).toEqual({
      name: "ams",
      identity: false,
      nodes: [11, 12].map((place) => ({
        ...{ name: `ams${place}`, addresses: [`10.0.0.${place}`, `fd53::${place}`], interface: "eth0" },
      })),
      frontends: [],
      virtualAddresses: [],
      mobility: {
        ...{ kind: "bgp", asn: 64_512, addresses: ADDRESSES, defaultRoute: "static" },
        members: ["ams11", "ams12"].map((name) => ({ node: name, neighbors, communities: [] })),
        whenSick: { daemon: "withdraw", pool: "prepend" },
        ...{ returnAfter: "10s", damping: { moves: 3, within: "10m" }, gracefulShutdown: "10s" },
      },
    });
  });

  test("keeps what it is told", () => {
    const stack = newStack();
    const password = Secret.fromVariable(new TerraformVariable(stack, "password", { sensitive: true }));
    const group = made(stack, {
      ...{ asn: 4_200_000_000, addresses: ["2001:DB8:0::53"], defaultRoute: "bgp" },
      members: [
        {
          node: node(stack, 11),
          neighbors: [
            { address: "FD53::0:1", asn: 64_500, password, bfd: { interval: "100ms" } },
            { address: "2001:db8:ffff::1", asn: 65_550, bfd: false, multihop: 2 },
          ],
          communities: ["64500:310"],
        },
      ],
      whenSick: { pool: "withdraw" },
      ...{ returnAfter: "30s", damping: { moves: 5 }, gracefulShutdown: "1m" },
      statistics: { address: "2001:db8::53", user: "ops", password },
      ...{ maximumConnectionAge: "1h", outstandingQueries: 20_000, hardStopAfter: "20m" },
      extra: { haproxy: { global: [["tune.bufsize", "32768"]] } },
    });
    expect(modelOf(group)).toMatchObject({
      mobility: {
        ...{ asn: 4_200_000_000, addresses: ["2001:db8::53"], defaultRoute: "bgp" },
        members: [
          {
            neighbors: [
              { address: "fd53::1", asn: 64_500, password, bfd: { interval: "100ms", multiplier: 3 } },
              { address: "2001:db8:ffff::1", asn: 65_550, multihop: 2 },
            ],
            communities: ["64500:310"],
          },
        ],
        whenSick: { daemon: "withdraw", pool: "withdraw" },
        ...{ returnAfter: "30s", damping: { moves: 5, within: "10m" }, gracefulShutdown: "1m" },
      },
      statistics: { addresses: ["2001:db8::53"] },
      ...{ maximumConnectionAge: "1h", outstandingQueries: 20_000, hardStopAfter: "20m" },
      extra: { haproxy: { global: [["tune.bufsize", "32768"]] } },
    });
    const { mobility } = modelOf(group);
    const [member] = mobility.kind === "bgp" ? mobility.members : [];
    expect(member?.neighbors[1]).not.toHaveProperty("bfd");
  });

  test("lets frontends listen on all of its addresses, and hands each node what it is to run", () => {
    const stack = newStack();
    const group = made(stack);
    group.addDnsFrontend("Subscribers", { pool: resolverPool(stack), allowFrom: ["100.64.0.0/10"] });
    expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
    expect(modelOf(group).frontends[0]?.addresses).toEqual(ADDRESSES);
    const [first, second] = stack.node.children.filter((child) => child instanceof FakeNode);
    expect(first?.bindings[0]?.spec()).toMatchObject({ workload: "ams", node: "ams11" });
    expect(second?.bindings[0]?.spec()?.manifest.mobility).toMatchObject({ kind: "bgp", peers: [{ name: "ams11" }] });
  });

  test("orders the stacks of its nodes, one after the other, and those out of service last", () => {
    const app = newApp();
    const [first, second, third] = ["first", "second", "third"].map((id) => newStack(id, app)) as [
      TerraformStack,
      TerraformStack,
      TerraformStack,
    ];
    made(newStack("dns", app), {
      members: [
        { node: node(first, 11, { outOfService: true }), neighbors: ROUTERS },
        { node: node(second, 12), neighbors: ROUTERS },
        { node: node(third, 13), neighbors: ROUTERS },
      ],
    });
    expect([third.dependsOn(second), first.dependsOn(third), second.dependsOn(first)]).toEqual([true, true, false]);
  });

  test("takes one node, that of a pair beside it its address, and groups of other autonomous systems theirs", () => {
    const stack = newStack();
    const group = made(stack, { addresses: ["10.0.0.53", "fd53::53"], members: members(stack, 11) });
    const other = made(
      stack,
      { asn: 64_513, addresses: ["10.0.0.53", "fd53::53"], members: members(stack, 12) },
      "Fra",
    );
    const pair = new HaPair(stack, "Pair", {
      nodes: [node(stack, 21), node(stack, 22)],
      ...{ virtualAddresses: [{ address: "10.0.0.53" }], virtualRouterId: 53 },
    });
    for (const each of [group, other, pair]) {
      each.addDnsFrontend("Internal", { pool: resolverPool(each), allowFrom: ["10.0.0.0/8"] });
    }
    expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
  });
});

describe("what a group refuses", () => {
  test("fails when nothing is given", () => {
    expect(refused(() => ({ addresses: [], members: [] }))).toMatchInlineSnapshot(`
      "[prod/Ams] 'addresses' must hold at least one address, got an empty list [DNSLB111]
      [prod/Ams] 'members' must hold at least one node, got an empty list [DNSLB111]"
    `);
  });

  test("fails when a number is none of an autonomous system", () => {
    for (const asn of [0, 23_456, 65_535, 4_294_967_295, 1.5, "64512" as unknown as number]) {
      const text = refused(() => ({ asn }));
      expect(text).toContain("[DNSLB170]");
      expect(text.split("\n")).toHaveLength(1);
    }
    expect(refused(() => ({ asn: 23_456 }))).toMatchInlineSnapshot(
      `"[prod/Ams] 'asn' must be a number that an autonomous system can have, got 23456, which is reserved; private ones are 64512 to 65534 and 4200000000 to 4294967294 [DNSLB170]"`,
    );
    expect(refused(() => ({ asn: 4_294_967_295 }))).toMatchInlineSnapshot(
      `"[prod/Ams] 'asn' must be the number of an autonomous system between 1 and 4294967294, got 4294967295 [DNSLB170]"`,
    );
    expect(neighbor({ address: "10.0.0.9", asn: 64_512 })).toMatchInlineSnapshot(
      `"[prod/Ams] 'members[0].neighbors[2].asn' must be another autonomous system than that of the group, got 64512: nodes speak external BGP, inside of one a longer path would be a loop; give the group a private number of its own [DNSLB170]"`,
    );
  });

  test("fails when a community cannot be announced", () => {
    const communities = [
      "64500:310",
      "64500:310",
      "64512:4",
      "64512:5",
      "65535:0",
      "65535:666",
      "4200000000:1",
      "64500",
      "64500:65536",
      "064500:1",
    ];
    const text = refused((stack) => ({
      members: [{ node: node(stack, 11), neighbors: ROUTERS, communities: communities as `${number}:${number}`[] }],
    }));
    expect(text).toMatchInlineSnapshot(`
      "[prod/Ams] 'members[0].communities[1]' must be unique, got "64500:310" again [DNSLB112]
      [prod/Ams] 'members[0].communities[2]' must not be one of "64512:0" to "64512:4", by which nodes announce what their failures cost, got "64512:4"; choose a higher second number [DNSLB171]
      [prod/Ams] 'members[0].communities[4]' must be a community that a node can announce, got "65535:0", which asks routers to leave the node (RFC 8326); 'dns-lb-agent drain' does so [DNSLB171]
      [prod/Ams] 'members[0].communities[5]' must be a community that a node can announce, got "65535:666", which asks routers to drop the packets of clients (RFC 7999) [DNSLB171]
      [prod/Ams] 'members[0].communities[6]' must be a community of two numbers between 0 and 65535, got "4200000000:1", whose first number has 32 bits (RFC 1997); agree on one of 16 bits with who runs the routers [DNSLB171]
      [prod/Ams] 'members[0].communities[7]' must be a community of two numbers between 0 and 65535, such as "64500:310", got "64500" [DNSLB171]
      [prod/Ams] 'members[0].communities[8]' must be a community of two numbers between 0 and 65535, such as "64500:310", got "64500:65536" [DNSLB171]
      [prod/Ams] 'members[0].communities[9]' must be a community of two numbers between 0 and 65535, such as "64500:310", got "064500:1" [DNSLB171]"
    `);
  });

  test("fails when a neighbor is missing, given twice, or none that the node reaches", () => {
    expect(
      refused((stack) => ({ members: [{ node: node(stack, 11), neighbors: [{ address: "fd53::1", asn: 64_500 }] }] })),
    ).toMatchInlineSnapshot(
      `"[prod/Ams] 'members[0].neighbors' needs an IPv4 neighbor, for the group's IPv4 addresses, got none on prod/Ams11; add the router's [DNSLB172]"`,
    );
    expect(
      neighbor(
        { address: "10.0.0.1", asn: 64_501 },
        { address: "10.0.0.11", asn: 64_500 },
        { address: "192.0.2.53", asn: 64_500 },
      ),
    ).toMatchInlineSnapshot(`
      "[prod/Ams] 'addresses[0]' must be an address that only the group has, got "192.0.2.53", that of a neighbor; choose one of a prefix of its own that only routes lead to [DNSLB177]
      [prod/Ams] 'members[0].neighbors[2].address' must be unique, got "10.0.0.1", the address of neighbors[0] too [DNSLB112]
      [prod/Ams] 'members[0].neighbors[3].address' must be the address of a router, got "10.0.0.11", an address of prod/Ams11 itself [DNSLB112]"
    `);
    expect(neighbor({ address: "fe80::1", asn: 64_500 }, { address: "::", asn: 64_500 })).toMatchInlineSnapshot(`
      "[prod/Ams] 'members[0].neighbors[2].address' must be the address of a router, got "fe80::1", a link-local address, which means something else on each link; give the router's other address on that network [DNSLB142]
      [prod/Ams] 'members[0].neighbors[3].address' must be the address of a router, got "::", which stands for no address, or for all of a machine [DNSLB142]"
    `);
    expect(
      refused((stack) => ({
        addresses: ["192.0.2.53"],
        members: [{ node: new FakeNode(stack, "Ams11", ["10.0.0.11"]), neighbors: ROUTERS }],
      })),
    ).toMatchInlineSnapshot(`
      "[prod/Ams] 'members[0].neighbors[1].address' must be of a family of the group's 'addresses', got "fd53::1", to which no IPv6 address would be announced; leave the neighbor out [DNSLB118]
      [prod/Ams] 'members[0].neighbors[1].address' needs an IPv6 address of prod/Ams11, which has none, got "fd53::1"; give the node an 'address6' [DNSLB118]"
    `);
    const interfaces = [{ name: "eth0", addresses: ["10.0.0.11", "fd53::11"], subnets: ["10.0.0.0/24", "fd53::/64"] }];
    expect(
      refused((stack) => ({
        members: [
          {
            node: node(stack, 11, { interfaces }),
            neighbors: [
              ...ROUTERS,
              { address: "10.0.1.1", asn: 64_500 },
              { address: "10.0.2.1", asn: 64_500, multihop: 2 },
            ],
          },
        ],
      })),
    ).toMatchInlineSnapshot(
      `"[prod/Ams] 'members[0].neighbors[2].address' must be in a network of prod/Ams11 (10.0.0.0/24), got "10.0.1.1"; correct it, or say by 'multihop' how many hops away the router is [DNSLB119]"`,
    );
  });

  test("fails when no neighbor could give a default route", () => {
    const far = ROUTERS.map((router) => ({ ...router, multihop: 2 }));
    const given = (defaultRoute: "static" | "bgp") =>
      refused((stack) => ({ defaultRoute, members: [{ node: node(stack, 11), neighbors: far }] }));
    expect(given("static")).toBe("nothing was refused");
    expect(given("bgp")).toMatchInlineSnapshot(`
      "[prod/Ams] 'members[0].neighbors' needs an IPv4 neighbor on a network of prod/Ams11, from which it takes its default route, got only ones with 'multihop'; add one, or set defaultRoute: "static" [DNSLB172]
      [prod/Ams] 'members[0].neighbors' needs an IPv6 neighbor on a network of prod/Ams11, from which it takes its default route, got only ones with 'multihop'; add one, or set defaultRoute: "static" [DNSLB172]"
    `);
  });

  test("fails when times or numbers are out of range", () => {
    expect(
      refused(() => ({
        ...{ returnAfter: "500ms", gracefulShutdown: "4s", damping: { moves: 1, within: "9s" } },
        ...{ defaultRoute: "dynamic" as "bgp", whenSick: { daemon: "ignore" as "withdraw" } },
      })),
    ).toMatchInlineSnapshot(`
      "[prod/Ams] 'damping.moves' must be a whole number between 2 and 100, got 1 [DNSLB104]
      [prod/Ams] 'damping.within' must be a duration between "10s" and "1d", got "9s" [DNSLB107]
      [prod/Ams] 'defaultRoute' must be "static" or "bgp", got "dynamic" [DNSLB103]
      [prod/Ams] 'gracefulShutdown' must be a duration between "5s" and "10m", got "4s" [DNSLB107]
      [prod/Ams] 'returnAfter' must be a duration between "1s" and "1h", got "500ms" [DNSLB107]
      [prod/Ams] 'whenSick.daemon' must be "prepend" or "withdraw", got "ignore" [DNSLB103]"
    `);
    expect(
      neighbor(
        { address: "10.0.0.8", asn: 64_500, multihop: 1 },
        { address: "10.0.0.9", asn: 64_500, bfd: { interval: "9ms", multiplier: 1 } },
        { address: "10.0.0.10", asn: 64_500, bfd: "yes" },
      ),
    ).toMatchInlineSnapshot(`
      "[prod/Ams] 'members[0].neighbors[2].multihop' must be a whole number between 2 and 255, got 1 [DNSLB104]
      [prod/Ams] 'members[0].neighbors[3].bfd.interval' must be a duration between "10ms" and "10s", got "9ms" [DNSLB107]
      [prod/Ams] 'members[0].neighbors[3].bfd.multiplier' must be a whole number between 2 and 50, got 1 [DNSLB104]
      [prod/Ams] 'members[0].neighbors[4].bfd' must be true, false, or an object with 'interval' and 'multiplier', got "yes" [DNSLB103]"
    `);
  });

  test.each<[what: string, content: string, got: string]>([
    ["has a quotation mark", 'pass"word\n', "a quotation mark"],
    ["has a control character", "pass\tword\n", "a control character"],
    ["has several lines", "pass\nword\n", "several lines"],
    ["is empty", "\n", "nothing"],
    ["is longer than the kernel takes", `${"x".repeat(81)}\n`, "81 bytes"],
    ["is longer in bytes than in characters", `${"é".repeat(41)}\n`, "82 bytes"],
  ])("fails when a password %s, without showing it", (_, content, got) => {
    const path = join(scratch, "password");
    writeFileSync(path, content);
    const password = Secret.fromLocalFile(path);
    const text = neighbor({ address: "10.0.0.9", asn: 64_500, password });
    expect(text).toBe(
      `[prod/Ams] 'members[0].neighbors[2].password' must be one line of at most 80 bytes without quotation marks and control characters, got ${got} in ${JSON.stringify(path)}; choose another password, on the router, too [DNSLB173]`,
    );
    if (content.trim() !== "") expect(text).not.toContain(content.trim());
  });

  test("takes the longest password, and one that is not there yet", () => {
    const path = join(scratch, "password");
    writeFileSync(path, `${"x".repeat(80)}\n`);
    const passwords = [path, join(scratch, "not-yet")].map((each) => Secret.fromLocalFile(each));
    expect(neighbor(...passwords.map((password, at) => ({ address: `10.0.0.${8 + at}`, asn: 64_500, password })))).toBe(
      "nothing was refused",
    );
  });

  test("fails when an address is one that machines look for on a network, or that is there already", () => {
    const interfaces = [{ name: "eth0", addresses: ["10.0.0.11", "fd53::11"], subnets: ["10.0.0.0/24"] }];
    expect(
      refused((stack) => ({
        addresses: ["10.0.0.53", "10.0.0.11", "10.0.0.12", "fd53::1", "192.0.2.53", "192.0.2.53", "127.0.0.1"],
        members: [
          { node: node(stack, 11, { interfaces }), neighbors: ROUTERS },
          { node: node(stack, 12), neighbors: ROUTERS },
        ],
      })),
    ).toMatchInlineSnapshot(`
      "[prod/Ams] 'addresses[0]' must be in no network of a node, got "10.0.0.53" of 10.0.0.0/24, a network of prod/Ams11, whose machines would not ask their router for it; choose one of a prefix of its own that only routes lead to [DNSLB177]
      [prod/Ams] 'addresses[1]' must not be a node's own address, got "10.0.0.11", an address of prod/Ams11 [DNSLB112]
      [prod/Ams] 'addresses[2]' must not be a node's own address, got "10.0.0.12", an address of prod/Ams12 [DNSLB112]
      [prod/Ams] 'addresses[3]' must be an address that only the group has, got "fd53::1", that of a neighbor; choose one of a prefix of its own that only routes lead to [DNSLB177]
      [prod/Ams] 'addresses[5]' must be unique, got "192.0.2.53", which is addresses[4] too [DNSLB112]
      [prod/Ams] 'addresses[6]' must be an address that a node can hold, got "127.0.0.1", a loopback address, which is on every machine that machine itself [DNSLB142]"
    `);
  });

  test("fails when nodes are the same, or routers could not tell them apart", () => {
    expect(
      refused((stack) => {
        const [first] = members(stack, 11);
        return {
          members: [
            first,
            first,
            { node: new FakeNode(stack, "ams11", ["10.0.0.11", "fd53::1:11"]), neighbors: ROUTERS },
          ] as AnycastMemberOptions[],
        };
      }),
    ).toMatchInlineSnapshot(`
      "[prod/Ams] 'members[1].node' must be another node than members[0], got prod/Ams11 again [DNSLB112]
      [prod/Ams] 'members[2].node' must have a name of its own, got "ams11", the name of prod/Ams11; give one of them another name [DNSLB112]
      [prod/Ams] 'members[2].node' must have a name of its own, got "ams11", the name of prod/Ams11; give one of them another name [DNSLB112]
      [prod/Ams] 'members[2].node' must have addresses of its own, got 10.0.0.11, an address of prod/Ams11 [DNSLB112]
      [prod/Ams] 'members[2].node' must have addresses of its own, got 10.0.0.11, an address of prod/Ams11 [DNSLB112]"
    `);
    const neighbors = [{ address: "fd53::1", asn: 64_500 }];
    expect(
      refused((stack) => ({
        addresses: ["2001:db8::53"],
        members: [
          { node: new FakeNode(stack, "Ams1", ["fd53:1::5"]), neighbors },
          { node: new FakeNode(stack, "Ams2", ["fd53:2::5"]), neighbors },
          { node: new FakeNode(stack, "Ams3", ["fd53:3::"]), neighbors },
        ],
      })),
    ).toMatchInlineSnapshot(`
      "[prod/Ams] 'members[1].node' must be a node that routers can tell from others, got prod/Ams2 with fd53:2::5 and prod/Ams1 with fd53:1::5, whose last 32 bits are the same (0.0.0.5); give one of them an 'address6' with another end [DNSLB176]
      [prod/Ams] 'members[2].node' must be a node that routers can tell from others, got prod/Ams3 with fd53:3::, which ends in 32 bits of 0; give it an IPv4 'address', or an 'address6' with another end [DNSLB176]"
    `);
  });

  test("fails when nodes cannot ask each other", () => {
    expect(
      refused((stack) => ({
        members: [
          { node: new FakeNode(stack, "Ams1", ["10.0.0.11"]), neighbors: ROUTERS.slice(0, 1) },
          { node: new FakeNode(stack, "Ams2", ["fd53::12"]), neighbors: ROUTERS.slice(1) },
        ],
      })),
    ).toMatchInlineSnapshot(`
      "[prod/Ams] 'members' must have addresses of one family, by which they ask each other what they serve, got prod/Ams1 with 10.0.0.11, prod/Ams2 with fd53::12; give all an 'address', or all an 'address6' [DNSLB178]
      [prod/Ams] 'members[0].neighbors' needs an IPv6 neighbor, for the group's IPv6 addresses, got none on prod/Ams1; add the router's [DNSLB172]
      [prod/Ams] 'members[1].neighbors' needs an IPv4 neighbor, for the group's IPv4 addresses, got none on prod/Ams2; add the router's [DNSLB172]"
    `);
    expect(
      refused((stack) => {
        const given = members(stack, 11, 12);
        (given[1]?.node as FakeNode & { obstacleTo: () => string }).obstacleTo = () => "two bridges of two engines";
        return { members: given };
      }),
    ).toMatchInlineSnapshot(
      `"[prod/Ams] 'members[1].node' must be reached by the other nodes of the group, got two bridges of two engines [DNSLB178]"`,
    );
  });

  test("fails when a node runs something else, or is the only one and out of service", () => {
    expect(
      refused((stack) => {
        const given = members(stack, 11);
        made(stack, { members: given }, "Fra");
        return { members: given };
      }),
    ).toMatchInlineSnapshot(
      `"[prod/Ams] 'members[0].node' must be a node that runs nothing else, got prod/Ams11, which runs prod/Fra already [DNSLB112]"`,
    );
    expect(
      refused((stack) => ({ members: [{ node: node(stack, 11, { outOfService: true }), neighbors: ROUTERS }] })),
    ).toMatchInlineSnapshot(
      `"[prod/Ams] 'members[0].node' must be in service, got prod/Ams11, which is out of service, and no other node does its work; leave 'outOfService' out, and deploy only the other stacks while it is away [DNSLB141]"`,
    );
    expect(
      refused((stack) => ({
        members: [11, 12].map((place) => ({ node: node(stack, place, { outOfService: true }), neighbors: ROUTERS })),
      })),
    ).toMatchInlineSnapshot(
      `"[prod/Ams] 'members' must hold a node in service, got prod/Ams11 and prod/Ams12, all out of service; take 'outOfService' out of one that can be changed [DNSLB140]"`,
    );
  });

  test("fails when a node has no BIRD, or BIRD no rights there", () => {
    const { bird: _, ...versions } = new FakeNode(newStack(), "Any", ["10.0.0.9"]).profile.versions;
    const rights = { bfd: { fix: "add CAP_NET_RAW" }, routes: { fix: "add CAP_NET_ADMIN" } };
    const given = (less: Partial<PlatformProfile>, props: Partial<AnycastGroupProps> = {}, bfd = true) =>
      refused((stack) => ({
        ...props,
        members: [
          {
            node: new LesserNode(stack, "Ams11", ["10.0.0.11", "fd53::11"], less),
            neighbors: ROUTERS.map((router) => ({ ...router, bfd })),
          },
        ],
      }));
    expect(given({ versions })).toMatchInlineSnapshot(
      `"[prod/Ams] 'members[0].node' must be a node with BIRD, got prod/Ams11, whose 'versions' do not name it; take DEBIAN_12 or DEBIAN_13, or add 'bird' to them [DNSLB175]"`,
    );
    expect(given({ birdRights: rights }, { defaultRoute: "bgp" })).toMatchInlineSnapshot(`
      "[prod/Ams] 'defaultRoute' must not be "bgp", which needs the right to install routes on prod/Ams11; add CAP_NET_ADMIN, or set defaultRoute: "static" [DNSLB174]
      [prod/Ams] 'members[0].neighbors[0].bfd' needs the right to send packets of BFD on prod/Ams11; add CAP_NET_RAW, or set bfd: false [DNSLB174]
      [prod/Ams] 'members[0].neighbors[1].bfd' needs the right to send packets of BFD on prod/Ams11; add CAP_NET_RAW, or set bfd: false [DNSLB174]"
    `);
    expect(given({ birdRights: rights }, {}, false)).toBe("nothing was refused");
    expect(given({ birdRights: { bfd: true, routes: true } }, { defaultRoute: "bgp" })).toBe("nothing was refused");
  });

  test("fails when words are those of BIRD or of a pair", () => {
    const words = {
      neighbors: [],
      nodes: [],
      virtualAddresses: [],
      routerId: "10.0.0.1",
      localAs: 64_512,
      gracefulRestart: true,
    };
    expect(refused(() => words as Partial<AnycastGroupProps>)).toMatchInlineSnapshot(`
      "[prod/Ams] 'gracefulRestart' is no property of AnycastGroup, routers would go on to send clients to a node whose BIRD has died [DNSLB101]
      [prod/Ams] 'localAs' is no property of AnycastGroup, 'asn' is the number of the group's autonomous system [DNSLB101]
      [prod/Ams] 'neighbors' is no property of AnycastGroup, each of 'members' has its 'neighbors' [DNSLB101]
      [prod/Ams] 'nodes' is no property of AnycastGroup, 'members' lists the nodes, each with its routers [DNSLB101]
      [prod/Ams] 'routerId' is no property of AnycastGroup, each node has its IPv4 address as router id, or the last 32 bits of its IPv6 address [DNSLB101]
      [prod/Ams] 'virtualAddresses' is no property of AnycastGroup, 'addresses' lists the addresses that every node announces [DNSLB101]"
    `);
  });
});

describe("what synthesis refuses", () => {
  test("fails when two groups of one autonomous system announce an address", () => {
    const stack = newStack();
    const groups = [
      made(stack, { members: members(stack, 11) }, "Ams"),
      made(stack, { members: members(stack, 12) }, "Fra"),
    ];
    for (const each of groups) {
      each.addDnsFrontend("Internal", { pool: resolverPool(each), allowFrom: ["10.0.0.0/8"] });
    }
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
      "[prod/Fra] 'addresses[0]' must be announced by one group of AS 64512, got "192.0.2.53", which prod/Ams announces, too; make them one group, or give one of them another address or another 'asn' [DNSLB029]
      [prod/Fra] 'addresses[1]' must be announced by one group of AS 64512, got "2001:db8::53", which prod/Ams announces, too; make them one group, or give one of them another address or another 'asn' [DNSLB029]"
    `);
  });

  test("fails when another machine of the app has an address", () => {
    const stack = newStack();
    const group = made(stack);
    group.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
    new FakeNode(stack, "Other", ["192.0.2.53"], "192.0.2.0/24");
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/Ams] 'addresses[0]' must be an address that only the group has, got "192.0.2.53", an address of prod/Other; give one of them another [DNSLB016]"`,
    );
  });

  test("fails when a listener is on a port of the nodes' own, or on a node's own address", () => {
    const stack = newStack();
    const password = Secret.fromNodeFile("/etc/password");
    const group = made(stack, { statistics: { user: "ops", password, port: 179 } });
    const pool = resolverPool(stack);
    const frontend = group.addDnsFrontend("Internal", { pool, allowFrom: ["10.0.0.0/8"], port: 3_784 });
    new DotListener(frontend, "Dot", { frontend, certificate: Certificate.fromNodeFile("/etc/dot.pem"), port: 8_406 });
    group.addDnsFrontend("Own", { pool, allowFrom: ["10.0.0.0/8"], address: "10.0.0.11", port: 5_353 });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(`
      "[prod/Ams] 'statistics.port' must be a port that the nodes of a group have free, got 179, that of BGP; choose another [DNSLB030]
      [prod/Ams] [prod/Ams/Internal] 'port' must be a port that the nodes of a group have free, got 3784, that of BFD; choose another [DNSLB030]
      [prod/Ams] [prod/Ams/Internal/Dot] 'port' must be a port that the nodes of a group have free, got 8406, that of the nodes' questions to each other; choose another [DNSLB030]
      [prod/Ams] [prod/Ams/Own] 'address' must be an address of load balancer "ams" (of the construct id "Ams") (192.0.2.53 or 2001:db8::53), got "10.0.0.11" [DNSLB001]"
    `);
  });
});
