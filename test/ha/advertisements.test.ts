import { describe, expect, test } from "vitest";
import { HaPair, type HaPairProps } from "../../lib/ha/ha-pair.js";
import type { NodeInterface } from "../../lib/model/node.js";
import { FakeNode, modelOf, newStack, refusal } from "../constructs.js";

interface GivenNode {
  readonly addresses: readonly string[];
  readonly network?: string;
  readonly interfaces?: readonly NodeInterface[];
}

type Given = Partial<Pick<HaPairProps, "virtualAddresses" | "advertisementInterface" | "ttlSecurity">>;

const IPV4 = { address: "10.0.0.53" };
const IPV6 = { address: "fd00::53" };

function givenPair(first: GivenNode, second: GivenNode, props: Given): HaPair {
  const stack = newStack();
  const node = (id: string, { addresses, network, interfaces }: GivenNode) => {
    const made = new FakeNode(stack, id, addresses, network);
    if (interfaces !== undefined) Object.assign(made.description, { interfaces });
    return made;
  };
  const nodes = [node("Lb1", first), node("Lb2", second)] as const;
  return new HaPair(stack, "Dns", { nodes, virtualAddresses: [IPV4], virtualRouterId: 53, ...props });
}

const vrrpOf = (first: GivenNode, second: GivenNode, props: Given = {}) =>
  modelOf(givenPair(first, second, props)).mobility;

const refused = (first: GivenNode, second: GivenNode, props: Given) => refusal(() => givenPair(first, second, props));

/** A node in a network with a subnet of each family that is given, and with a network for adverts. */
function inSubnets(addresses: readonly string[], subnets: readonly string[], link?: NodeInterface): GivenNode {
  return { addresses, interfaces: [{ name: "eth0", addresses, subnets }, ...(link ? [link] : [])] };
}

describe("TTL security", () => {
  test.each([
    {
      case: "on in one subnet",
      nodes: [
        inSubnets(["10.0.0.2", "fd00::2"], ["10.0.0.0/24", "fd00::/64"]),
        inSubnets(["10.0.0.3", "fd00::3"], ["10.0.0.0/24", "fd00::/64"]),
      ],
      virtualAddresses: [IPV4, IPV6],
      ttlSecurity: true,
    },
    {
      case: "off with IPv6 alone, whose adverts had another hop limit before",
      nodes: [
        inSubnets(["10.0.0.2", "fd00::2"], ["10.0.0.0/24", "fd00::/64"]),
        inSubnets(["10.0.0.3", "fd00::3"], ["10.0.0.0/24", "fd00::/64"]),
      ],
      virtualAddresses: [IPV6],
      ttlSecurity: false,
    },
    {
      case: "on where subnets are not known and the network is one",
      nodes: [{ addresses: ["10.0.0.2"] }, { addresses: ["10.0.0.3"] }],
      virtualAddresses: [IPV4],
      ttlSecurity: true,
    },
    {
      case: "off where subnets are not known and the networks differ",
      nodes: [{ addresses: ["10.0.0.2"] }, { addresses: ["10.0.0.3"], network: "another" }],
      virtualAddresses: [IPV4],
      ttlSecurity: false,
    },
  ] as const)("is $case", ({ nodes: [first, second], virtualAddresses, ttlSecurity }) => {
    expect(vrrpOf(first, second, { virtualAddresses })).toMatchObject({ ttlSecurity });
  });

  test.each([
    [
      "in IPv6",
      [
        inSubnets(["10.0.0.2", "fd00::2"], ["10.0.0.0/24", "fd00::/64"]),
        inSubnets(["10.0.0.3", "fd01::3"], ["10.0.0.0/24", "fd01::/64"]),
      ],
      [IPV4, IPV6],
      "fd00::/64 and fd01::/64",
    ],
    [
      "in IPv4",
      [inSubnets(["10.0.0.2"], ["10.0.0.0/24"]), inSubnets(["10.0.1.3"], ["10.0.1.0/24"])],
      [IPV4],
      "10.0.0.0/24 and 10.0.1.0/24",
    ],
    [
      "as one of them sees it",
      [inSubnets(["10.0.0.2"], ["10.0.0.0/16"]), inSubnets(["10.0.1.3"], ["10.0.1.0/24"])],
      [IPV4],
      "10.0.0.0/16 and 10.0.1.0/24",
    ],
    [
      "as far as the address of a host tells",
      [inSubnets(["10.0.0.2"], ["10.0.0.0/24"]), { addresses: ["10.0.1.3"] }],
      [IPV4],
      "10.0.0.0/24 and 10.0.1.3",
    ],
  ] as const)(
    "DNSLB144: fails when the nodes are in different subnets %s, unless it is off",
    (_, [first, second], virtualAddresses, got) => {
      expect(refused(first, second, { virtualAddresses })).toBe(
        `[prod/Dns] 'nodes' must be in one subnet to hear each other's VRRP adverts, got ${got}; correct the addresses or the subnets, name an 'advertisementInterface' that both have in one, or set \`ttlSecurity: false\` if a router between them passes VRRP [DNSLB144]`,
      );
      expect(vrrpOf(first, second, { virtualAddresses, ttlSecurity: false })).toMatchObject({ ttlSecurity: false });
    },
  );

  test("is what the user says where that can be", () => {
    const [first, second] = [inSubnets(["10.0.0.2"], ["10.0.0.0/24"]), inSubnets(["10.0.0.3"], ["10.0.0.0/24"])];
    expect(vrrpOf(first, second, { ttlSecurity: false })).toMatchObject({ ttlSecurity: false });
    const ipv6 = [{ addresses: ["10.0.0.2", "fd00::2"] }, { addresses: ["10.0.0.3", "fd00::3"] }] as const;
    expect(vrrpOf(...ipv6, { virtualAddresses: [IPV6], ttlSecurity: true })).toMatchObject({ ttlSecurity: true });
  });

  test("fails when it is required where a router stands between the nodes", () => {
    const [first, second] = [inSubnets(["10.0.0.2"], ["10.0.0.0/24"]), inSubnets(["10.0.1.3"], ["10.0.1.0/24"])];
    expect(refused(first, second, { ttlSecurity: true })).toMatchInlineSnapshot(
      `"[prod/Dns] 'ttlSecurity' needs nodes in one subnet, got 10.0.0.0/24 and 10.0.1.0/24: a router between them lowers the TTL of adverts, and each node would lead by itself; put the nodes in one subnet, name an 'advertisementInterface' that both have in one, or leave 'ttlSecurity' out [DNSLB130]"`,
    );
  });
});

describe("the interface of adverts", () => {
  const link = (address: string, subnet = "172.16.0.0/24"): NodeInterface => ({
    name: "eth1",
    addresses: [address],
    subnets: [subnet],
  });
  const first = inSubnets(["10.0.0.2", "fd00::2"], ["10.0.0.0/24", "fd00::/64"], link("172.16.0.2"));
  const second = inSubnets(["10.0.1.3", "fd00::3"], ["10.0.1.0/24", "fd00::/64"], link("172.16.0.3"));

  test("is that of the nodes' addresses unless another is named, which is then held against its own subnets", () => {
    expect(vrrpOf(first, second, { ttlSecurity: false })).toEqual({
      kind: "vrrp",
      virtualRouterId: 53,
      advertisementInterval: "200ms",
      ttlSecurity: false,
    });
    expect(vrrpOf(first, second, { advertisementInterface: "eth1" })).toMatchObject({
      interface: "eth1",
      ttlSecurity: true,
    });
    const routed = inSubnets(["10.0.1.3"], ["10.0.1.0/24"], link("172.16.1.3", "172.16.1.0/24"));
    expect(refused(first, routed, { advertisementInterface: "eth1" })).toContain(
      "got 172.16.0.0/24 and 172.16.1.0/24; correct",
    );
  });

  test("fails when a node does not have it", () => {
    const without = inSubnets(["10.0.0.3"], ["10.0.0.0/24"]);
    expect(refused(first, without, { advertisementInterface: "eth1" })).toMatchInlineSnapshot(
      `"[prod/Dns] 'advertisementInterface' must be an interface of prod/Lb2 (eth0), got "eth1"; name one of these, or give the node one of that name [DNSLB116]"`,
    );
  });

  test("fails when it has no address of a family that adverts need", () => {
    const virtualAddresses = [IPV4, IPV6];
    expect(refused(first, second, { virtualAddresses, advertisementInterface: "eth1" })).toMatchInlineSnapshot(`
      "[prod/Dns] 'advertisementInterface' needs an IPv6 address of prod/Lb1 on eth1, which has none: IPv6 virtual addresses move by IPv6 adverts; give the interface an 'address6', of any network that the nodes share [DNSLB118]
      [prod/Dns] 'advertisementInterface' needs an IPv6 address of prod/Lb2 on eth1, which has none: IPv6 virtual addresses move by IPv6 adverts; give the interface an 'address6', of any network that the nodes share [DNSLB118]"
    `);
  });

  test("fails when the addresses on it are not known", () => {
    const nodes = [{ addresses: ["10.0.0.2"] }, { addresses: ["10.0.0.3"] }] as const;
    expect(refused(...nodes, { advertisementInterface: "eth1" })).toMatchInlineSnapshot(`
      "[prod/Dns] 'advertisementInterface' needs nodes that list their interfaces with addresses, got "eth1" of prod/Lb1, which is known to have eth0 alone; give the node a network that Docker attaches, with the interface in its 'interfaces', or leave 'advertisementInterface' out [DNSLB131]
      [prod/Dns] 'advertisementInterface' needs nodes that list their interfaces with addresses, got "eth1" of prod/Lb2, which is known to have eth0 alone; give the node a network that Docker attaches, with the interface in its 'interfaces', or leave 'advertisementInterface' out [DNSLB131]"
    `);
  });
});
