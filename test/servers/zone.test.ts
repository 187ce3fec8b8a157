import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseZone, printZone } from "../../lib/config/zone/index.js";
import { InternalError } from "../../lib/core/errors.js";
import type { PrimaryZone } from "../../lib/model/zone.js";
import { zoneText } from "../../lib/node/compile/zone.js";
import { DnsRecord } from "../../lib/servers/dns-record.js";
import { type RecordsZoneOptions, Zone } from "../../lib/servers/zone.js";
import { refusal, scratch } from "../constructs.js";
import { REFUSED, TAKEN } from "../core/records/zone-files.js";

const NS = DnsRecord.ns({ name: "@", target: "ns1.example.net." });
const WWW = DnsRecord.a({ name: "www", address: "192.0.2.1" });
const BASE: RecordsZoneOptions = { name: "Example.com", records: [NS, WWW] };

function primary(zone: Zone): PrimaryZone {
  if (zone.kind !== "primary") throw new InternalError("no primary zone");
  return zone;
}
const text = (props: Partial<RecordsZoneOptions> = {}) => zoneText(primary(Zone.fromRecords({ ...BASE, ...props })));
const serial = (props: Partial<RecordsZoneOptions> = {}) => Number(text(props).split(" ")[6]);

function file(name: string, content: string | Uint8Array): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

describe("Zone.fromRecords()", () => {
  test("makes a zone file that needs nothing around it", () => {
    expect(text({ serial: 7 })).toMatchInlineSnapshot(`
      "example.com. 3600 IN SOA ns1.example.net. hostmaster.example.com. 7 3600 900 1209600 300
      example.com. 3600 IN NS ns1.example.net.
      www.example.com. 3600 IN A 192.0.2.1
      "
    `);
    expect(printZone(parseZone(text()))).toBe(text());
  });

  test("takes every parameter", () => {
    expect(
      text({
        serial: 4_294_967_295,
        primaryServer: "hidden.example.net",
        contact: "dns-team@example.net",
        ttl: "1d",
        negativeTtl: "1m",
        refresh: "2h",
        retry: "10m",
        expire: "7d",
      }).split("\n")[0],
    ).toMatchInlineSnapshot(
      `"example.com. 86400 IN SOA hidden.example.net. dns-team.example.net. 4294967295 7200 600 604800 60"`,
    );
  });

  test("makes the serial of the records: the same for the same, another for others", () => {
    expect(serial()).toBe(serial());
    expect(serial({ name: "example.com." })).toBe(serial());
    const others: Partial<RecordsZoneOptions>[] = [
      { records: [NS] },
      { records: [NS, DnsRecord.a({ name: "www", address: "192.0.2.2" })] },
      { ttl: "2h" },
      { contact: "x@example.com" },
    ];
    const serials = others.map(serial);
    expect(new Set([serial(), ...serials]).size).toBe(5);
    for (const each of serials) expect(each).toBeGreaterThan(0);
  });

  const refused = (...records: DnsRecord[]) => refusal(() => Zone.fromRecords({ ...BASE, records }));

  test("fails when nobody answers for it", () => {
    expect(refused(WWW)).toMatchInlineSnapshot(
      `"[Zone.fromRecords()] 'records' must hold an NS record of the zone itself, which names a server that answers for it: DnsRecord.ns({ name: "@", target: ... }) [DNSLB123]"`,
    );
    expect(refused(DnsRecord.ns({ name: "sub", target: "ns1.example.net." }))).toMatch(/must hold an NS record/);
  });

  test("fails when a final dot is missing", () => {
    expect(refused(NS, DnsRecord.mx({ name: "example.com", exchange: "mail.example.com" }))).toMatchInlineSnapshot(`
      "[Zone.fromRecords()] 'records[1]' holds the name "example.com", which has no final dot and so stands for example.com.example.com.; did you mean "example.com."? [DNSLB123]
      [Zone.fromRecords()] 'records[1]' holds the name "mail.example.com", which has no final dot and so stands for mail.example.com.example.com.; did you mean "mail.example.com."? [DNSLB123]"
    `);
  });

  test("fails when a record is outside", () => {
    expect(refused(NS, DnsRecord.a({ name: "www.example.org.", address: "192.0.2.1" }))).toMatchInlineSnapshot(
      `"[Zone.fromRecords()] 'records[1]' must be in the zone example.com., got www.example.org. [DNSLB123]"`,
    );
  });

  test("fails when a name server inside has no address", () => {
    expect(refused(DnsRecord.ns({ name: "@", target: "ns1" }))).toMatchInlineSnapshot(
      `"[Zone.fromRecords()] 'records[0]' names the server ns1.example.com., which has no address in the zone; add a DnsRecord.a() or DnsRecord.aaaa() [DNSLB123]"`,
    );
    expect(
      refused(DnsRecord.ns({ name: "@", target: "ns1" }), DnsRecord.aaaa({ name: "ns1", address: "2001:db8::1" })),
    ).toBe("nothing was refused");
  });

  test("fails when records are there twice, do not stand alone, or disagree on their TTL", () => {
    expect(
      refused(
        NS,
        WWW,
        DnsRecord.a({ name: "WWW.example.com.", address: "192.0.2.1" }),
        DnsRecord.a({ name: "www", address: "192.0.2.2", ttl: "5m" }),
        DnsRecord.a({ name: "www", address: "192.0.2.3", ttl: "1h" }),
        DnsRecord.cname({ name: "www", target: "a" }),
        DnsRecord.cname({ name: "b", target: "a" }),
        DnsRecord.cname({ name: "b", target: "c" }),
      ),
    ).toMatchInlineSnapshot(`
      "[Zone.fromRecords()] 'records[2]' must be unique, got the same record of www.example.com. as records[1] [DNSLB112]
      [Zone.fromRecords()] 'records[3]' must have the TTL of records[1], because records of one name and type are one RRset (RFC 2181), got "5m" [DNSLB123]
      [Zone.fromRecords()] 'records[4]' must have the TTL of records[3], because records of one name and type are one RRset (RFC 2181), got "1h" [DNSLB123]
      [Zone.fromRecords()] 'records[5]' cannot be at www.example.com. beside records[1]: a name with a CNAME record has no other records [DNSLB123]
      [Zone.fromRecords()] 'records[7]' cannot be at b.example.com. beside records[6]: a name with a CNAME record has no other records [DNSLB123]"
    `);
  });

  test("fails when all names below are elsewhere, or a name has two DNAME records", () => {
    const dname = (data: string) => DnsRecord.other({ name: "old", type: "DNAME", data });
    expect(
      refused(NS, DnsRecord.a({ name: "a.b.old", address: "192.0.2.1" }), dname("x."), dname("y.")),
    ).toMatchInlineSnapshot(`
      "[Zone.fromRecords()] 'records[1]' cannot be at a.b.old.example.com. beside records[2]: all names below old.example.com. are elsewhere by its DNAME record [DNSLB123]
      [Zone.fromRecords()] 'records[3]' cannot be at old.example.com. beside records[2]: a name has one DNAME record [DNSLB123]"
    `);
    const signed = DnsRecord.other({ name: "b", type: "NSEC", data: "c.example.com. CNAME" });
    expect(refused(NS, signed, DnsRecord.cname({ name: "b", target: "a" }))).toBe("nothing was refused");
  });

  test("fails when a name is too long in its zone, by the index of its record", () => {
    const long = `${"a".repeat(60)}.`.repeat(4).slice(0, -1);
    expect(
      refused(NS, DnsRecord.cname({ name: "b", target: long }), DnsRecord.a({ name: long, address: "192.0.2.1" })),
    ).toMatchInlineSnapshot(`
      "[Zone.fromRecords()] 'records[1]' must have names of at most 253 characters, got 256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com. [DNSLB123]
      [Zone.fromRecords()] 'records[2]' must have names of at most 253 characters, got 256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com. [DNSLB123]"
    `);
    const name = `${"a".repeat(60)}.`.repeat(4).concat("bcdefghi");
    expect(refusal(() => Zone.fromRecords({ name, records: [NS] }))).toMatchInlineSnapshot(
      `"[Zone.fromRecords()] 'contact' must be a mailbox of at most 253 characters, got 264: hostmaster.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bcdefghi. [DNSLB109]"`,
    );
  });

  test("the root zone may have a wildcard", () => {
    const records = [
      DnsRecord.ns({ name: "@", target: "ns" }),
      DnsRecord.a({ name: "ns", address: "192.0.2.1" }),
      DnsRecord.a({ name: "*", address: "192.0.2.1" }),
    ];
    expect(text({ name: ".", records, serial: 1 })).toMatchInlineSnapshot(`
      ". 3600 IN SOA ns. hostmaster. 1 3600 900 1209600 300
      . 3600 IN NS ns.
      ns. 3600 IN A 192.0.2.1
      *. 3600 IN A 192.0.2.1
      "
    `);
  });

  test("fails when records were not made by DnsRecord", () => {
    expect(refused({ ...WWW, data: [{ kind: "word", word: "192.0.2.1\nevil. A 192.0.2.9" }] })).toMatchInlineSnapshot(
      `"[Zone.fromRecords()] 'records[0]' must be made by DnsRecord, such as DnsRecord.a(), got {"kind":"record","name":"www","type":"A","data":[{"kind":"word","word":"192.0... [DNSLB103]"`,
    );
  });

  test.each(["a.b@example.com", "hostmaster", "a@b c", "a@.", "a\n@b"])("fails when the contact is %j", (contact) => {
    expect(refusal(() => Zone.fromRecords({ ...BASE, contact }))).toMatch(
      /^\[[\w.]+\(\)\] 'contact' must be a mailbox/,
    );
  });

  test.each([0, 4_294_967_296, 1.5])("fails when the serial is %j", (number) => {
    expect(refusal(() => Zone.fromRecords({ ...BASE, serial: number }))).toMatch(
      /^\[[\w.]+\(\)\] 'serial' must be a whole number/,
    );
  });
});

describe("Zone.fromFile()", () => {
  const ZONE = "@ 300 IN SOA ns1 host 1 1 1 1 1\n@ 300 IN NS ns1 ; ü";

  test("takes a file as it is", () => {
    const zone = Zone.fromFile({ name: "Example.com", path: file("a.zone", ZONE) });
    expect(zone.name).toBe("example.com.");
    expect(zoneText(primary(zone))).toBe(`${ZONE}\n`);
  });

  const refused = (path: string) =>
    refusal(() => Zone.fromFile({ name: "example.com", path })).replaceAll(scratch, "DIR");

  test("fails when the file is not there, or no zone file", () => {
    expect(refused("no/such.zone")).toMatchInlineSnapshot(
      `"[Zone.fromFile()] 'path' must be a zone file that can be read, got "no/such.zone" (ENOENT) [DNSLB115]"`,
    );
    expect(refused(scratch)).toMatchInlineSnapshot(
      `"[Zone.fromFile()] 'path' must be a zone file that can be read, got "DIR" (EISDIR) [DNSLB115]"`,
    );
    expect(refused(file("empty.zone", ""))).toMatchInlineSnapshot(
      `"[Zone.fromFile()] 'path' must be a zone file with an SOA record, got "DIR/empty.zone", which has none [DNSLB115]"`,
    );
    expect(refused(file("latin1.zone", Buffer.from("SOA \xfc", "latin1")))).toMatchInlineSnapshot(
      `"[Zone.fromFile()] 'path' must be a zone file that can be read, got "DIR/latin1.zone" (ERR_ENCODING_INVALID_ENCODED_DATA) [DNSLB115]"`,
    );
  });

  test("fails when the file includes others, which would be the node's", () => {
    expect(refused(file("include.zone", `${ZONE}\n  $include /etc/shadow\n`))).toMatchInlineSnapshot(
      `"[Zone.fromFile()] 'path' must be a zone file without $include, got "DIR/include.zone" with it in line 3; put the other file's text in its place [DNSLB115]"`,
    );
  });
});

describe("Zone.fromFile()", () => {
  const refused = (text: string) =>
    refusal(() => Zone.fromFile({ name: "test", path: file("x.zone", text) })).replaceAll(scratch, "DIR");

  test.each(REFUSED)("fails when the file is %j", (text, found, line) => {
    expect(refused(text)).toContain(`must be a zone file without ${found}, got "DIR/x.zone" with it in line ${line}; `);
  });

  test.each(TAKEN)("takes %j", (text) => {
    expect(refused(text)).toBe("nothing was refused");
  });

  test("a mark of UTF-8 is left out", () => {
    const zone = Zone.fromFile({ name: "test", path: file("bom.zone", `\ufeff${TAKEN[0]}`) });
    expect(zoneText(primary(zone))).toBe(TAKEN[0]);
  });

  test("fails when there are many faults, of which ten are named", () => {
    const text = `${TAKEN[0]}${"a 300 IN FOO x\n".repeat(30)}`;
    const lines = refused(text).split("\n");
    expect(lines).toHaveLength(11);
    expect(lines.join("\n")).toContain('must be a zone file that NSD takes, got "DIR/x.zone" with 20 more faults');
  });
});

describe("Zone.fromPrimary()", () => {
  test("names who has the zone", () => {
    expect(Zone.fromPrimary({ name: "Example.com", primaries: [{ address: "2001:DB8::1" }] })).toEqual({
      kind: "secondary",
      name: "example.com.",
      primaries: [{ address: "2001:db8::1", port: 53 }],
    });
  });

  test("fails when nobody has it", () => {
    expect(refusal(() => Zone.fromPrimary({ name: "example.com", primaries: [] }))).toMatchInlineSnapshot(
      `"[Zone.fromPrimary()] 'primaries' must hold at least one server, got an empty list [DNSLB111]"`,
    );
  });
});
