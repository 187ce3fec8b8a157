import { describe, expect, test } from "vitest";
import { printZoneRecord } from "../../lib/config/zone/index.js";
import { zoneRecord } from "../../lib/node/compile/zone.js";
import { DnsRecord } from "../../lib/servers/dns-record.js";
import { refusal } from "../constructs.js";

const line = (record: DnsRecord) => printZoneRecord(zoneRecord(record, "example.com.", "1h"));

test.each<[DnsRecord, string]>([
  [DnsRecord.a({ name: "@", address: "192.0.2.1" }), "example.com. 3600 IN A 192.0.2.1"],
  [DnsRecord.a({ name: "*.Dev", address: "192.0.2.1", ttl: "0s" }), "*.dev.example.com. 0 IN A 192.0.2.1"],
  [DnsRecord.aaaa({ name: "www", address: "2001:db8::1", ttl: "5m" }), "www.example.com. 300 IN AAAA 2001:db8::1"],
  [
    DnsRecord.caa({ name: "@", tag: "issue", value: "ca.example.net" }),
    'example.com. 3600 IN CAA 0 issue "ca.example.net"',
  ],
  [
    DnsRecord.caa({ name: "@", tag: "iodef", value: "mailto:a@b.test", critical: true }),
    'example.com. 3600 IN CAA 128 iodef "mailto:a@b.test"',
  ],
  [DnsRecord.cname({ name: "ftp", target: "www" }), "ftp.example.com. 3600 IN CNAME www.example.com."],
  [DnsRecord.cname({ name: "cdn", target: "cdn.example.net." }), "cdn.example.com. 3600 IN CNAME cdn.example.net."],
  [DnsRecord.mx({ name: "@", exchange: "mail" }), "example.com. 3600 IN MX 10 mail.example.com."],
  [DnsRecord.mx({ name: "@", exchange: ".", preference: 0 }), "example.com. 3600 IN MX 0 ."],
  [DnsRecord.ns({ name: "sub", target: "ns.sub" }), "sub.example.com. 3600 IN NS ns.sub.example.com."],
  [DnsRecord.ptr({ name: "1", target: "host.example.net." }), "1.example.com. 3600 IN PTR host.example.net."],
  [
    DnsRecord.srv({ name: "_sip._udp", target: "sip", port: 5060, priority: 1, weight: 2 }),
    "_sip._udp.example.com. 3600 IN SRV 1 2 5060 sip.example.com.",
  ],
  [DnsRecord.txt({ name: "@", text: "v=spf1 -all" }), 'example.com. 3600 IN TXT "v=spf1 -all"'],
  [DnsRecord.txt({ name: "@", text: "" }), 'example.com. 3600 IN TXT ""'],
  [DnsRecord.txt({ name: "@", text: ["a", 'b" ; \\'] }), 'example.com. 3600 IN TXT "a" "b\\034 ; \\092"'],
  [
    DnsRecord.txt({ name: "@", text: `${"x".repeat(254)}üy` }),
    `example.com. 3600 IN TXT "${"x".repeat(254)}" "\\195\\188y"`,
  ],
  [
    DnsRecord.other({ name: "_443._tcp", type: "TLSA", data: "3 1 0 ab12" }),
    "_443._tcp.example.com. 3600 IN TLSA 3 1 0 ab12",
  ],
  [
    DnsRecord.other({ name: "@", type: "NAPTR", data: '100 10 "u" "E2U+sip" "!^.*$!sip:x!" .' }),
    'example.com. 3600 IN NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:x!" .',
  ],
  [DnsRecord.other({ name: "@", type: "TYPE65280", data: "\\# 2 0A0B" }), "example.com. 3600 IN TYPE65280 \\# 2 0A0B"],
])("%j is a line of its zone", (record, text) => {
  expect(line(record)).toBe(text);
});

describe("DnsRecord", () => {
  test("fails when an address is none, or of the other family", () => {
    expect(refusal(() => DnsRecord.a({ name: "@", address: "2001:db8::1" }))).toMatchInlineSnapshot(
      `"[DnsRecord.a()] 'address' must be IPv4, got "2001:db8::1"; DnsRecord.aaaa() takes it [DNSLB105]"`,
    );
    expect(refusal(() => DnsRecord.aaaa({ name: "@", address: "192.0.2.1" }))).toMatchInlineSnapshot(
      `"[DnsRecord.aaaa()] 'address' must be IPv6, got "192.0.2.1"; DnsRecord.a() takes it [DNSLB105]"`,
    );
    expect(refusal(() => DnsRecord.a({ name: "@", address: "192.0.2.1\nevil" }))).toMatchInlineSnapshot(
      `"[DnsRecord.a()] 'address' must be an IPv4 or IPv6 address, got "192.0.2.1\\nevil" [DNSLB105]"`,
    );
  });

  test.each(["a b", "a\nb", "a;b", "a(b", "", "a..b", "*", "a.*", "x".repeat(64), '"', "\\000", "$ORIGIN"])(
    "fails when an owner or a target is %j",
    (name) => {
      if (name !== "*")
        expect(refusal(() => DnsRecord.a({ name, address: "192.0.2.1" }))).toMatch(
          /^\[[\w.]+\(\)\] 'name' must be a domain/,
        );
      expect(refusal(() => DnsRecord.cname({ name: "a", target: name }))).toMatch(
        /^\[[\w.]+\(\)\] 'target' must be a domain name/,
      );
    },
  );

  test.each(["1500ms", "366d", "300"])("fails when a TTL is %s", (ttl) => {
    expect(refusal(() => DnsRecord.a({ name: "@", address: "192.0.2.1", ttl: ttl as never }))).toMatch(
      /^\[[\w.]+\(\)\] 'ttl' must be a duration of whole seconds between "0s" and "365d", got/,
    );
  });

  test.each([
    "3 1 1 ab ; comment",
    "( 3 1 1 ab )",
    "a\nb. A 192.0.2.1",
    '"open',
    '"esc\\"aped"',
    "a  b",
    "",
    " a",
    "\\065",
    "a\tb",
    "ü",
    `"${"x".repeat(256)}"`,
  ])("fails when other data is %j", (data) => {
    expect(refusal(() => DnsRecord.other({ name: "@", type: "TLSA", data }))).toMatch(
      /^\[[\w.]+\(\)\] 'data' must be words and texts/,
    );
  });

  test("fails when another type has its own factory, or is none", () => {
    const other = (type: string) => refusal(() => DnsRecord.other({ name: "@", type, data: "x" }));
    expect([other("SOA"), other("MX"), other("tlsa"), other("A B")].join("\n")).toMatchInlineSnapshot(`
      "[DnsRecord.other()] 'type' must be a record type in capitals, such as "TLSA" or "TYPE65280", got "SOA"; Zone.fromRecords() makes the SOA record [DNSLB109]
      [DnsRecord.other()] 'type' must be a record type in capitals, such as "TLSA" or "TYPE65280", got "MX"; use DnsRecord.mx() [DNSLB109]
      [DnsRecord.other()] 'type' must be a record type in capitals, such as "TLSA" or "TYPE65280", got "tlsa" [DNSLB109]
      [DnsRecord.other()] 'type' must be a record type in capitals, such as "TLSA" or "TYPE65280", got "A B" [DNSLB109]"
    `);
  });

  test("fails when a type is unknown to a server, or does not take the data", () => {
    const other = (type: string, data: string) => refusal(() => DnsRecord.other({ name: "@", type, data }));
    expect(
      [
        other("FOO", "x"),
        other("RESINFO", "qnamemin"),
        other("TYPE52", "\\# 3 030101"),
        other("TYPE255", "\\# 0"),
        other("TLSA", "3 1 1 ab12"),
        other("DNAME", "a"),
        other("TYPE65280", "0a0b"),
      ].join("\n"),
    ).toMatchInlineSnapshot(`
      "[DnsRecord.other()] 'type' must be a type that every supported server knows, got "FOO"; a type without a name is written by its number, such as "TYPE65280" [DNSLB150]
      [DnsRecord.other()] 'type' must be a type that every supported server knows, got "RESINFO"; not every server knows it by name; write "TYPE261", and its data as "\\# 2 0a0b": the number of bytes, and the bytes [DNSLB150]
      [DnsRecord.other()] 'type' must be a type that every supported server knows, got "TYPE52"; write "TLSA", and its data in the form of that type [DNSLB150]
      [DnsRecord.other()] 'type' must be a type that every supported server knows, got "TYPE255"; the number of a type for data is between 1 and 65535, without those for messages (0, 41, 128 to 255), such as "TYPE65280" [DNSLB150]
      [DnsRecord.other()] 'data' must be the data of a TLSA record, got "3 1 1 ab12": a digest of type 1 must have 32 bytes, which are 64 hexadecimal digits; it takes usage (0 to 255), selector (0 to 255), matching type (0 to 255), certificate (in hexadecimal digits) [DNSLB150]
      [DnsRecord.other()] 'data' must be the data of a DNAME record, got "a": "a" is no target (a domain name with its final dot); it takes target (a domain name with its final dot) [DNSLB150]
      [DnsRecord.other()] 'data' must be the data of a TYPE65280 record, got "0a0b": it must be "\\#", the number of bytes, and the bytes in hexadecimal digits (RFC 3597); it takes "\\#", the number of bytes, and the bytes in hexadecimal digits (RFC 3597) [DNSLB150]"
    `);
  });

  test("names of classless reverse zones stand in records", () => {
    expect(line(DnsRecord.cname({ name: "1", target: "1.0/26.2.0.192.in-addr.arpa." }))).toBe(
      "1.example.com. 3600 IN CNAME 1.0/26.2.0.192.in-addr.arpa.",
    );
    expect(line(DnsRecord.ns({ name: "0/26", target: "ns.example.net." }))).toBe(
      "0/26.example.com. 3600 IN NS ns.example.net.",
    );
  });

  test("fails when texts are longer than an answer", () => {
    expect(refusal(() => DnsRecord.txt({ name: "@", text: "x".repeat(60_001) }))).toMatchInlineSnapshot(
      `"[DnsRecord.txt()] 'text' must be at most 60000 bytes, because an answer is one message, got 60001 [DNSLB150]"`,
    );
    expect(line(DnsRecord.txt({ name: "@", text: "x".repeat(60_000) }))).toHaveLength(60_732);
  });

  test("fails when text is none, or too long for one string", () => {
    const text = (value: unknown) => refusal(() => DnsRecord.txt({ name: "@", text: value as string }));
    expect([text(7), text([]), text(["x".repeat(256)]), text("\ud800")].join("\n")).toMatchInlineSnapshot(`
      "[DnsRecord.txt()] 'text' must be text that UTF-8 can hold, or a list of such texts of at most 255 bytes each, got 7 [DNSLB109]
      [DnsRecord.txt()] 'text' must be text that UTF-8 can hold, or a list of such texts of at most 255 bytes each, got [] [DNSLB109]
      [DnsRecord.txt()] 'text' must be text that UTF-8 can hold, or a list of such texts of at most 255 bytes each, got ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... [DNSLB109]
      [DnsRecord.txt()] 'text' must be text that UTF-8 can hold, or a list of such texts of at most 255 bytes each, got "\\ud800" [DNSLB109]"
    `);
  });
});
