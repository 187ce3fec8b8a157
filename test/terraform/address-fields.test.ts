import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalAddress } from "../../lib/core/ip.js";
import {
  address,
  clientNetwork,
  forwarderAddress,
  gatewayAddress,
  listenerAddress,
  network,
  nodeAddress,
  serverAddress,
  subnet,
  virtualAddress,
} from "../../lib/terraform/address-fields.js";
import type { Field } from "../../lib/terraform/schema.js";
import { addressIn } from "../addresses.js";

/** The networks of which no address is that of one machine. */
const NO_MACHINES = [
  ...["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32"],
  ...["::/8", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "100::/64", "ff00::/8"],
] as const;
const NAT64 = ["64:ff9b::/96", "64:ff9b:1::/48"] as const;
const LINK_LOCAL = ["169.254.0.0/16", "fe80::/10"] as const;
const MACHINES = ["10.0.0.0/8", "203.0.113.0/24", "126.0.0.0/8", "128.0.0.0/8", "2000::/3", "fc00::/7"] as const;

const ROLES = {
  virtual: { field: virtualAddress, refuses: [...NO_MACHINES, ...NAT64, ...LINK_LOCAL], takes: MACHINES },
  listener: { field: listenerAddress, refuses: [...NO_MACHINES, ...NAT64, ...LINK_LOCAL], takes: MACHINES },
  server: {
    field: serverAddress,
    refuses: [...NO_MACHINES.filter((each) => each !== "::/8"), "fe80::/10"],
    takes: [...MACHINES, ...NAT64, "169.254.0.0/16"],
  },
  forwarder: {
    field: forwarderAddress,
    refuses: [...NO_MACHINES.filter((each) => !["::/8", "::/96", "127.0.0.0/8"].includes(each)), "fe80::/10"],
    takes: [...MACHINES, ...NAT64, "169.254.0.0/16", "127.0.0.0/8", "::1/128"],
  },
  gateway: {
    field: gatewayAddress,
    refuses: [...NO_MACHINES, ...NAT64],
    takes: [...MACHINES, ...LINK_LOCAL],
  },
  "IPv4 node": {
    field: nodeAddress("ipv4"),
    refuses: [...NO_MACHINES, ...LINK_LOCAL, ...MACHINES.filter((each) => each.includes(":"))],
    takes: MACHINES.filter((each) => !each.includes(":")),
  },
  "IPv6 node": {
    field: nodeAddress("ipv6"),
    refuses: [...NO_MACHINES, ...NAT64, ...LINK_LOCAL, ...MACHINES.filter((each) => !each.includes(":"))],
    takes: MACHINES.filter((each) => each.includes(":")),
  },
} as const;

/** What a field says of a value: the message and the code; "taken" if nothing. */
function verdict(field: Field<string>, value: unknown): string {
  const [issue] = field.safeParse(value).error?.issues ?? [];
  if (issue === undefined) return "taken";
  return `${issue.message} [${issue.code === "custom" ? issue.params?.["code"] : issue.code}]`;
}

const inAny = (networks: readonly string[]) => fc.oneof(...networks.map(addressIn));

describe.each(Object.entries(ROLES))("the address of a %s", (_, { field, refuses, takes }) => {
  test("is of one machine, however it is written", () => {
    fc.assert(
      fc.property(inAny(refuses), (value) => {
        expect(verdict(field, value)).toMatch(/\[DNSLB(142|105)\]$/);
        expect(verdict(field, value.toUpperCase())).toMatch(/\[DNSLB(142|105)\]$/);
      }),
    );
    fc.assert(
      fc.property(inAny(takes), (value) => {
        expect(verdict(field, value)).toBe("taken");
        expect(field.parse(value)).toBe(canonicalAddress(value));
      }),
    );
  });
});

test("the data of a record may be any address", () => {
  fc.assert(
    fc.property(inAny(["0.0.0.0/0", "::/0", ...NO_MACHINES]), (value) => {
      expect(verdict(address, value)).toBe("taken");
    }),
  );
});

test("fails with what the address is, and what to write", () => {
  const messages = [
    [virtualAddress, "0.0.0.0"],
    [virtualAddress, "0.1.2.3"],
    [virtualAddress, "127.0.0.1"],
    [virtualAddress, "169.254.0.53"],
    [virtualAddress, "fe80::53"],
    [virtualAddress, "224.0.0.1"],
    [virtualAddress, "255.255.255.255"],
    [virtualAddress, "240.0.0.1"],
    [virtualAddress, "::ffff:198.51.100.53"],
    [virtualAddress, "::ffff:127.0.0.1"],
    [virtualAddress, "::10.0.0.1"],
    [virtualAddress, "64:ff9b::a00:1"],
    [virtualAddress, "100::1"],
    [serverAddress, "127.0.0.1"],
    [serverAddress, "fe80::1"],
    [serverAddress, "0.0.0.0"],
    [listenerAddress, "0.0.0.0"],
    [gatewayAddress, "255.255.255.255"],
    [nodeAddress("ipv4"), "0.0.0.0"],
    [nodeAddress("ipv4"), undefined],
    [nodeAddress("ipv4"), "fd53::2"],
    [nodeAddress("ipv6"), "10.0.0.2"],
  ] as const;
  expect(messages.map(([field, value]) => verdict(field, value)).join("\n")).toMatchInlineSnapshot(`
    "must be an address that a node can hold, got "0.0.0.0", which stands for no address, or for all of a machine [DNSLB142]
    must be an address that a node can hold, got "0.1.2.3", of 0.0.0.0/8, which stands for "this network" (RFC 1122) [DNSLB142]
    must be an address that a node can hold, got "127.0.0.1", a loopback address, which is on every machine that machine itself [DNSLB142]
    must be an address that a node can hold, got "169.254.0.53", a link-local address, which means something else on each link [DNSLB142]
    must be an address that a node can hold, got "fe80::53", a link-local address, which means something else on each link [DNSLB142]
    must be an address that a node can hold, got "224.0.0.1", a multicast address, which is that of a group and not of one machine [DNSLB142]
    must be an address that a node can hold, got "255.255.255.255", the broadcast address, which is that of every machine on a link [DNSLB142]
    must be an address that a node can hold, got "240.0.0.1", which is reserved and is not routed [DNSLB142]
    must be an address that a node can hold, got "::ffff:198.51.100.53", an IPv4 address in the form of an IPv6 one, which some programs take for IPv4 and others do not; write "198.51.100.53" [DNSLB142]
    must be an address that a node can hold, got "::ffff:127.0.0.1", an IPv4 address in the form of an IPv6 one, which some programs take for IPv4 and others do not [DNSLB142]
    must be an address that a node can hold, got "::10.0.0.1", an IPv4 address in the form of an IPv6 one, which some programs take for IPv4 and others do not; write "10.0.0.1" [DNSLB142]
    must be an address that a node can hold, got "64:ff9b::a00:1", which NAT64 makes of an IPv4 address (RFC 6052), so that no machine has it itself [DNSLB142]
    must be an address that a node can hold, got "100::1", of 100::/64, whose packets are discarded (RFC 6666) [DNSLB142]
    must be the address of a server, got "127.0.0.1", a loopback address, which is on every machine that machine itself; on a node that is the node itself, so give the address at which the node reaches the server [DNSLB142]
    must be the address of a server, got "fe80::1", a link-local address, which means something else on each link; give an address that needs no interface beside it [DNSLB142]
    must be the address of a server, got "0.0.0.0", which stands for no address, or for all of a machine; give the server's own address [DNSLB142]
    must be an address of the load balancer, got "0.0.0.0", which stands for no address, or for all of a machine; leave it out for the default, or list addresses of the load balancer [DNSLB142]
    must be the address of a router, got "255.255.255.255", the broadcast address, which is that of every machine on a link [DNSLB142]
    must be an address that one machine has, got "0.0.0.0", which stands for no address, or for all of a machine [DNSLB142]
    is required: an IPv4 address [DNSLB102]
    must be an IPv4 address, got "fd53::2"; 'address6' takes IPv6 [DNSLB105]
    must be an IPv6 address, got "10.0.0.2"; 'address' takes IPv4 [DNSLB105]"
  `);
});

test("fails with what is wrong in a text that is no address", () => {
  const texts = [
    ...["010.0.0.1", "10.0.0.008", "10.1", "10.0.0.256", "0x7f.0.0.1", "10.0.0.1/32", "10.0.0.1:53", "[fd00::1]:53"],
    ...["[fd00::1]", "fe80::1%eth0", " 10.0.0.1", "::1\n", "localhost", "dns.example", "", "1.2.3.4.5", 167772161],
  ];
  expect(texts.map((text) => verdict(virtualAddress, text)).join("\n")).toMatchInlineSnapshot(`
    "must be an IPv4 or IPv6 address, got "010.0.0.1"; leave out leading zeros, with which some programs read octal numbers: "10.0.0.1" [DNSLB105]
    must be an IPv4 or IPv6 address, got "10.0.0.008"; leave out leading zeros, with which some programs read octal numbers: "10.0.0.8" [DNSLB105]
    must be an IPv4 or IPv6 address, got "10.1"; an IPv4 address has four numbers [DNSLB105]
    must be an IPv4 or IPv6 address, got "10.0.0.256"; each number of an IPv4 address is at most 255 [DNSLB105]
    must be an IPv4 or IPv6 address, got "0x7f.0.0.1" [DNSLB105]
    must be an IPv4 or IPv6 address, got "10.0.0.1/32"; leave out the prefix length: "10.0.0.1" [DNSLB105]
    must be an IPv4 or IPv6 address, got "10.0.0.1:53"; give the port as a property of its own: "10.0.0.1" [DNSLB105]
    must be an IPv4 or IPv6 address, got "[fd00::1]:53"; give the port as a property of its own: "fd00::1" [DNSLB105]
    must be an IPv4 or IPv6 address, got "[fd00::1]"; leave out the brackets: "fd00::1" [DNSLB105]
    must be an IPv4 or IPv6 address, got "fe80::1%eth0"; addresses with a zone (%) are those of one link alone; give another [DNSLB105]
    must be an IPv4 or IPv6 address, got " 10.0.0.1"; leave out the space: "10.0.0.1" [DNSLB105]
    must be an IPv4 or IPv6 address, got "::1\\n"; leave out the space: "::1" [DNSLB105]
    must be an IPv4 or IPv6 address, got "localhost"; names are not looked up; give the address [DNSLB105]
    must be an IPv4 or IPv6 address, got "dns.example"; names are not looked up; give the address [DNSLB105]
    must be an IPv4 or IPv6 address, got "" [DNSLB105]
    must be an IPv4 or IPv6 address, got "1.2.3.4.5"; an IPv4 address has four numbers [DNSLB105]
    must be an IPv4 or IPv6 address, got 167772161 [DNSLB105]"
  `);
});

describe("a network", () => {
  test("of clients is one that clients are in", () => {
    fc.assert(
      fc.property(inAny(NO_MACHINES.filter((each) => !each.startsWith("127") && each !== "::/8")), (value) => {
        fc.pre(value !== "::1");
        expect(verdict(clientNetwork, `${value}/${value.includes(":") ? 128 : 32}`)).toMatch(/\[DNSLB143\]$/);
      }),
    );
    for (const taken of ["0.0.0.0/0", "::/0", "10.0.0.0/8", "::1/128", "127.0.0.0/8", "fe80::/10", "64:ff9b::/96"]) {
      expect(verdict(clientNetwork, taken), taken).toBe("taken");
    }
  });

  test("of any purpose is refused only where it means two things", () => {
    fc.assert(
      fc.property(addressIn("::ffff:0:0/96"), fc.integer({ min: 96, max: 128 }), (value, bits) => {
        expect(verdict(network, `${value}/${bits}`)).toMatch(/\[DNSLB143\]$/);
        expect(verdict(clientNetwork, `${value}/${bits}`)).toMatch(/\[DNSLB143\]$/);
      }),
    );
    for (const taken of ["0.0.0.0/8", "224.0.0.0/4", "::/8", "::/128", "ff00::/8"]) {
      expect(verdict(network, taken), taken).toBe("taken");
    }
  });

  test("of machines has no address that none can have", () => {
    fc.assert(
      fc.property(inAny([...NO_MACHINES, ...NAT64, ...LINK_LOCAL]), (value) => {
        expect(verdict(subnet(), `${value}/${value.includes(":") ? 128 : 32}`)).toMatch(/\[DNSLB143\]$/);
      }),
    );
    expect(verdict(subnet(), "10.0.0.0/8")).toBe("taken");
  });

  test("fails with what it is, and what to write", () => {
    const messages = [
      [network, "::ffff:10.0.0.0/104"],
      [network, "::ffff:10.1.2.3/104"],
      [clientNetwork, "::ffff:10.0.0.0/104"],
      [clientNetwork, "0.0.0.0/32"],
      [clientNetwork, "::/128"],
      [clientNetwork, "224.0.0.0/4"],
      [clientNetwork, "::10.0.0.0/104"],
      [clientNetwork, "010.0.0.0/8"],
      [clientNetwork, "10.0.0.1/8"],
      [clientNetwork, "10.0.0.1"],
      [subnet(), "0.0.0.0/0"],
      [subnet(), "127.0.0.0/8"],
      [subnet(), "224.0.0.0/24"],
      [subnet(), "fe80::/64"],
    ] as const;
    expect(messages.map(([field, value]) => verdict(field, value)).join("\n")).toMatchInlineSnapshot(`
      "must be a network of one family, got "::ffff:10.0.0.0/104", which HAProxy takes for IPv4 clients and dnsdist for none; write "10.0.0.0/8" [DNSLB143]
      must be a network of one family, got "::ffff:10.1.2.3/104", which HAProxy takes for IPv4 clients and dnsdist for none; write "10.0.0.0/8" [DNSLB143]
      must be a network that clients are in, got "::ffff:10.0.0.0/104", which HAProxy takes for IPv4 clients and dnsdist for none; write "10.0.0.0/8" [DNSLB143]
      must be a network that clients are in, got "0.0.0.0/32", addresses that stand for none; did you mean "0.0.0.0/0"? [DNSLB143]
      must be a network that clients are in, got "::/128", addresses that stand for none; did you mean "::/0"? [DNSLB143]
      must be a network that clients are in, got "224.0.0.0/4", addresses of groups, from which nothing is sent [DNSLB143]
      must be a network that clients are in, got "::10.0.0.0/104", which HAProxy takes for IPv4 clients and dnsdist for none; write "10.0.0.0/8" [DNSLB143]
      must be a network with its prefix length, such as "10.0.0.0/8", got "010.0.0.0/8"; leave out leading zeros, with which some programs read octal numbers: "10.0.0.0" [DNSLB106]
      must be a network with its prefix length, such as "10.0.0.0/8", got "10.0.0.1/8"; did you mean "10.0.0.0/8"? [DNSLB106]
      must be a network with its prefix length, such as "10.0.0.0/8", got "10.0.0.1"; did you mean "10.0.0.1/32"? [DNSLB106]
      must be a subnet of machines, got "0.0.0.0/0", which has addresses of 0.0.0.0/32: unspecified addresses [DNSLB143]
      must be a subnet of machines, got "127.0.0.0/8": loopback addresses [DNSLB143]
      must be a subnet of machines, got "224.0.0.0/24", which has addresses of 224.0.0.0/4: multicast addresses [DNSLB143]
      must be a subnet of machines, got "fe80::/64", which has addresses of fe80::/10: link-local addresses [DNSLB143]"
    `);
  });
});
