import { expect } from "vitest";
import { PublicResolver } from "../../../lib/dns/public-resolver.js";
import { Secret } from "../../../lib/dns/secret.js";
import { DnsRecord } from "../../../lib/servers/dns-record.js";
import { NsdServer } from "../../../lib/servers/nsd-server.js";
import { Tsig } from "../../../lib/servers/tsig.js";
import { UnboundServer } from "../../../lib/servers/unbound-server.js";
import { Zone } from "../../../lib/servers/zone.js";
import { dnsLbMatchers } from "../../../lib/testing/matchers.js";
import { NodeUnderTest, nodesOf } from "../../../lib/testing/nodes-of.js";
import { NASTY } from "../../config/nasty.js";
import { FakeNode, newStack } from "../../constructs.js";
import { testWith } from "../config/daemon.js";

expect.extend(dnsLbMatchers);

const testWithCheckers = testWith("unbound-checkconf", "nsd-checkconf", "nsd-checkzone", "openssl", "unshare");
const isText = (text: string) => !/\p{Cs}/u.test(text);

testWithCheckers("unbound takes everything that a resolver can be told, whatever the text", async () => {
  const stack = newStack();
  new UnboundServer(stack, "R1", {
    node: new FakeNode(stack, "N1", ["192.168.1.10", "fd53::10"]),
    allowFrom: ["10.0.0.0/8", "fd00::/8"],
    clientAddress: "proxy-protocol",
    forwardTo: [PublicResolver.QUAD9],
    forwardZones: [{ name: "corp.example", forwardTo: [{ address: "::1", port: 5301 }] }],
    localZones: (["static", "transparent", "redirect", "refuse", "deny", "always_nxdomain"] as const).map((type) => ({
      name: `${type.replace("_", "-")}.test`,
      type,
    })),
    localData: [
      ...NASTY.filter(isText).map((text, index) => DnsRecord.txt({ name: `t${index}.test`, text })),
      DnsRecord.mx({ name: "m.test", exchange: "mail.test" }),
      DnsRecord.other({ name: "s.test", type: "TYPE65280", data: "\\# 2 0A0B" }),
    ],
    insecureZones: ["corp.example"],
    threads: 3,
    cacheSize: "8m",
  });
  for (const node of nodesOf(stack)) await expect(node).toPassDaemonChecks();
});

testWithCheckers("NSD takes every kind of record, zone and peer, whatever the text", async () => {
  const stack = newStack();
  const key = Tsig.key({ name: "k.test", algorithm: "hmac-sha512", secret: Secret.fromNodeFile("/k") });
  const zone = Zone.fromRecords({
    name: "example.test",
    serial: 1,
    records: [
      DnsRecord.ns({ name: "@", target: "ns1" }),
      DnsRecord.a({ name: "ns1", address: "192.0.2.1" }),
      DnsRecord.aaaa({ name: "*.w", address: "2001:db8::1" }),
      DnsRecord.caa({ name: "@", tag: "issue", value: ";" }),
      DnsRecord.cname({ name: "c", target: "ns1" }),
      DnsRecord.mx({ name: "@", exchange: "." }),
      DnsRecord.ptr({ name: "p", target: "ns1" }),
      DnsRecord.srv({ name: "_x._tcp", target: "ns1", port: 1 }),
      DnsRecord.other({ name: "_443._tcp", type: "TLSA", data: `3 1 1 ${"ab".repeat(32)}` }),
      DnsRecord.other({ name: "n", type: "NAPTR", data: '100 10 "u" "E2U+sip" "!^.*$!sip:x!" .' }),
      DnsRecord.other({ name: "u", type: "TYPE65280", data: "\\# 2 0A0B" }),
      DnsRecord.txt({ name: "long", text: "ü".repeat(400) }),
      ...NASTY.filter(isText).map((text, index) => DnsRecord.txt({ name: `t${index}`, text })),
    ],
  });
  const primary = new NsdServer(stack, "Auth1", {
    node: new FakeNode(stack, "N1", ["192.168.1.20", "fd53::20"]),
    zones: [
      zone,
      Zone.fromRecords({
        name: ".",
        serial: 1,
        records: [
          DnsRecord.ns({ name: "@", target: "ns.test." }),
          DnsRecord.a({ name: "ns.test.", address: "192.0.2.1" }),
        ],
      }),
    ],
    secondaries: [{ address: "192.0.2.9", port: 54, key }, { address: "2001:db8::9" }],
    allowTransfer: [{ from: "198.51.100.0/24", key }],
    clientAddress: "proxy-protocol",
    responseRateLimit: 200,
  });
  new NsdServer(stack, "Auth2", {
    node: new FakeNode(stack, "N2", ["192.168.1.21", "fd53::21"]),
    zones: [Zone.fromPrimary({ name: "example.org", primaries: [{ address: "192.0.2.7" }] })],
    secondaryOf: { primary, key },
    allowNotify: [{ from: "192.0.2.8/32", key }],
  });
  for (const node of nodesOf(stack)) await expect(node).toPassDaemonChecks();
});

testWithCheckers("fails when NSD refuses a zone file, with its words", async () => {
  const stack = newStack();
  const records = [DnsRecord.ns({ name: "@", target: "ns.test." })];
  new NsdServer(stack, "Auth1", {
    node: new FakeNode(stack, "N1", ["192.168.1.20"]),
    zones: [Zone.fromRecords({ name: "example.test", records })],
  });
  const [node] = nodesOf(stack);
  if (node === undefined) throw new RangeError("no node");
  const { work } = node;
  if (work.kind !== "server" || work.server.kind !== "nsd") throw new RangeError("no NSD");
  // Behind the back of the constructs, which refuse it.
  const content = { kind: "file", text: "@ 1 SOA a b 1 1 1 1 1\n@ 1 TLSA x\n" } as const;
  const zones = [{ kind: "primary", name: "example.test.", content } as const];
  const broken = new NodeUnderTest({ kind: "server", server: { ...work.server, zones } }, node.node, node.spec);
  await expect(expect(broken).toPassDaemonChecks()).rejects.toThrow(/nsd: .*nsd\/zones\/example\.test\.zone:/);
});

testWithCheckers("fails when unbound refuses a value, with its words", async () => {
  const stack = newStack();
  new UnboundServer(stack, "R1", { node: new FakeNode(stack, "N1", ["192.168.1.10"]), allowFrom: ["10.0.0.0/8"] });
  const [node] = nodesOf(stack);
  if (node === undefined) throw new RangeError("no node");
  const { server } = node;
  if (server.kind !== "unbound") throw new RangeError("no unbound");
  // Behind the back of the constructs, which refuse it.
  const broken = new NodeUnderTest(
    { kind: "server", server: { ...server, allowFrom: ["10.0.0.0/80"] } },
    node.node,
    node.spec,
  );
  await expect(expect(broken).toPassDaemonChecks()).rejects.toThrow(/unbound: .*10\.0\.0\.0\/80/);
});
