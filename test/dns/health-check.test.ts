import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  type ExternalHealthCheckOptions,
  HealthCheck,
  type QueryHealthCheckOptions,
} from "../../lib/dns/health-check.js";
import { refusal } from "../constructs.js";

const BASE = { name: "health.example.com", type: "A" } as const;

describe("HealthCheck.tcp()", () => {
  test("takes the timing of probes alone", () => {
    expect(HealthCheck.tcp()).toEqual({ kind: "tcp", interval: "2s", timeout: "1s", fall: 3, rise: 2 });
    expect(HealthCheck.tcp({ interval: "1s", fall: 1 })).toMatchObject({ interval: "1s", timeout: "500ms", fall: 1 });
    expect(Object.isFrozen(HealthCheck.tcp())).toBe(true);
  });

  test("fails when it is given a question or another timing", () => {
    const refused = (options: object) => refusal(() => HealthCheck.tcp(options));
    expect(refused({ name: "a.test", rise: 0 })).toMatchInlineSnapshot(`
      "[HealthCheck.tcp()] 'name' is no property of HealthCheck.tcp(), HealthCheck.query() asks for a name [DNSLB101]
      [HealthCheck.tcp()] 'rise' must be a whole number between 1 and 100, got 0 [DNSLB104]"
    `);
    expect(refused({ timeout: "2s" })).toMatchInlineSnapshot(
      `"[HealthCheck.tcp()] 'timeout' must be shorter than the interval of "2s", got "2s"; lower it or raise 'interval' [DNSLB113]"`,
    );
  });
});

describe("HealthCheck.external()", () => {
  const folder = mkdtempSync(join(tmpdir(), "dns-lb-scripts-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const TEXT = "#!/bin/sh\nexit 0\n";
  const refused = (options: object) =>
    refusal(() => HealthCheck.external(options as ExternalHealthCheckOptions)).replaceAll(folder, "FOLDER");

  test("takes the text of a script, or reads it from a file", () => {
    const check = { kind: "external", script: TEXT, interval: "2s", timeout: "1s", fall: 3, rise: 2 };
    expect(HealthCheck.external({ script: TEXT })).toEqual(check);
    expect(HealthCheck.external({ script: file("good", TEXT) })).toEqual(check);
    expect(Object.isFrozen(HealthCheck.external({ script: TEXT }))).toBe(true);
    const long = `#! /usr/bin/env -S python3 -I\n# ${"\u00e9".repeat(100)}\n`;
    expect(HealthCheck.external({ script: file("long", long), interval: "1s", fall: 1 })).toMatchObject({
      ...{ script: long, interval: "1s", timeout: "500ms", fall: 1 },
    });
    expect(HealthCheck.external({ script: TEXT.padEnd(65_536, "#") }).script).toHaveLength(65_536);
  });

  test("fails when there is no script, or one that no node could run", () => {
    expect(refused({})).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' is required: the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter [DNSLB102]"`,
    );
    expect(refused({ script: 7 })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got 7 [DNSLB167]"`,
    );
    expect(refused({ script: join(folder, "none") })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got "FOLDER/none", which is no file; correct the path [DNSLB167]"`,
    );
    expect(refused({ script: folder })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got "FOLDER", which is no file; correct the path [DNSLB167]"`,
    );
    expect(refused({ script: "/dev/zero" })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got "/dev/zero", which is no file; correct the path [DNSLB167]"`,
    );
    expect(refused({ script: file("bare", "exit 0\n") })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got "FOLDER/bare" that begins otherwise; begin it with "#!/bin/sh" or the like [DNSLB167]"`,
    );
    expect(refused({ script: "exit 0\n" })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got a text that begins otherwise; begin it with "#!/bin/sh" or the like [DNSLB167]"`,
    );
    expect(refused({ script: "#!bin/sh\n" })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got a text that begins otherwise; begin it with "#!/bin/sh" or the like [DNSLB167]"`,
    );
    expect(refused({ script: "#!/bin/sh\r\nexit 0\r\n" })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got a text with the line ends of Windows; save it with those of Unix [DNSLB167]"`,
    );
    expect(refused({ script: "#!/bin/sh\n\0" })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got a text with a NUL or half a character; correct it [DNSLB167]"`,
    );
    expect(refused({ script: file("binary", Buffer.from([35, 33, 47, 255, 10])) })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got "FOLDER/binary", which cannot be read as UTF-8; correct it [DNSLB167]"`,
    );
    expect(refused({ script: TEXT.padEnd(65_537, "#") })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got a text of 65537 bytes; shorten it [DNSLB167]"`,
    );
    expect(refused({ script: file("large", TEXT.padEnd(65_537, "#")) })).toMatchInlineSnapshot(
      `"[HealthCheck.external()] 'script' must be the path of a script, or its text, in UTF-8, of at most 65536 bytes, that begins with "#!" and the absolute path of its interpreter, got "FOLDER/large", which has 65537 bytes; shorten it [DNSLB167]"`,
    );
  });

  test("fails when its timing is wrong", () => {
    expect(refused({ script: TEXT, interval: "2s", timeout: "2s", rise: 0 })).toMatchInlineSnapshot(`
      "[HealthCheck.external()] 'rise' must be a whole number between 1 and 100, got 0 [DNSLB104]
      [HealthCheck.external()] 'timeout' must be shorter than the interval of "2s", got "2s"; lower it or raise 'interval' [DNSLB113]"
    `);
  });
});

describe("HealthCheck.dnsOverTls()", () => {
  test("takes what dnsdist judges over TLS", () => {
    const check = HealthCheck.dnsOverTls({ ...BASE, interval: "1s", expect: { rcodes: ["NOERROR", "NXDOMAIN"] } });
    expect(check).toEqual({
      ...{ kind: "dns-over-tls", name: "health.example.com.", type: "A", checkingDisabled: false },
      ...{ interval: "1s", timeout: "500ms", fall: 3, rise: 2 },
      expect: { rcodes: ["NOERROR", "NXDOMAIN"], answer: "required" },
    });
  });

  test("fails when it shall judge more", () => {
    const refused = (options: object) => refusal(() => HealthCheck.dnsOverTls({ ...BASE, ...options }));
    expect(refused({ randomLabel: true, timeout: "2s" })).toMatchInlineSnapshot(`
      "[HealthCheck.dnsOverTls()] 'randomLabel' is no property of HealthCheck.dnsOverTls(), dnsdist's probe over TLS asks for one name [DNSLB101]
      [HealthCheck.dnsOverTls()] 'timeout' must be shorter than the interval of "2s", got "2s"; lower it or raise 'interval' [DNSLB113]"
    `);
    expect(refused({ expect: { value: "192.0.2.1" } })).toMatchInlineSnapshot(
      `"[HealthCheck.dnsOverTls()] 'expect.value' is no property of HealthCheck.dnsOverTls(), it takes 'rcodes', 'answer' [DNSLB101]"`,
    );
    expect(refused({ expect: { rcodes: [] } })).toMatchInlineSnapshot(
      `"[HealthCheck.dnsOverTls()] 'expect.rcodes' must hold at least one RCODE, got an empty list; leave it out for NOERROR [DNSLB111]"`,
    );
  });
});

describe("HealthCheck.query()", () => {
  test.each<[options: Partial<QueryHealthCheckOptions>, data: Partial<HealthCheck>]>([
    [{}, { kind: "query", name: "health.example.com.", type: "A", interval: "2s", timeout: "1s", fall: 3, rise: 2 }],
    [{ name: "." }, { name: "." }],
    [{ name: "Health.Example.COM." }, { name: "health.example.com." }],
    [{ interval: "1s" }, { interval: "1s", timeout: "500ms" }],
    [{ interval: "1m" }, { interval: "1m", timeout: "1s" }],
    [{ interval: "3s", timeout: "2999ms" }, { timeout: "2999ms" }],
    [
      { fall: 1, rise: 100 },
      { fall: 1, rise: 100 },
    ],
    [{ recursionDesired: false }, { recursionDesired: false }],
    [{ type: "DNSKEY" }, { type: "DNSKEY", checkingDisabled: false, randomLabel: false }],
    [
      { type: "DS", checkingDisabled: true },
      { type: "DS", checkingDisabled: true },
    ],
    [{ name: "a".repeat(61), randomLabel: true }, { randomLabel: true }],
  ])("%j gives %j", (options, data) => {
    expect(HealthCheck.query({ ...BASE, ...options })).toMatchObject(data);
  });

  test("gives frozen data that leaves recursion to the pool", () => {
    const check = HealthCheck.query(BASE);
    expect(Object.isFrozen(check)).toBe(true);
    expect(check).not.toHaveProperty("recursionDesired");
  });

  const refused = (options: object) => refusal(() => HealthCheck.query({ ...BASE, ...options }));

  test("fails when thresholds are below 1", () => {
    expect(refused({ fall: 0, rise: -1 })).toMatchInlineSnapshot(`
      "[HealthCheck.query()] 'fall' must be a whole number between 1 and 100, got 0 [DNSLB104]
      [HealthCheck.query()] 'rise' must be a whole number between 1 and 100, got -1 [DNSLB104]"
    `);
  });

  test("fails when thresholds are no whole numbers", () => {
    expect(refused({ fall: 1.5, rise: "2" })).toMatchInlineSnapshot(`
      "[HealthCheck.query()] 'fall' must be a whole number between 1 and 100, got 1.5 [DNSLB104]
      [HealthCheck.query()] 'rise' must be a whole number between 1 and 100, got "2" [DNSLB104]"
    `);
  });

  test("fails when durations have no unit", () => {
    expect(refused({ interval: "3", timeout: 1 })).toMatchInlineSnapshot(`
      "[HealthCheck.query()] 'interval' must be a duration of whole seconds between "1s" and "1h", got "3"; name the unit: "3s" [DNSLB107]
      [HealthCheck.query()] 'timeout' must be a duration between "10ms" and "1h", got 1; name the unit (ms, s, m, h, d): "1s" [DNSLB107]"
    `);
  });

  test("fails when the interval is no whole number of seconds", () => {
    expect(refused({ interval: "1500ms" })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'interval' must be a duration of whole seconds between "1s" and "1h", got "1500ms" [DNSLB107]"`,
    );
  });

  test("fails when the timeout is as long as the interval", () => {
    expect(refused({ interval: "3s", timeout: "3s" })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'timeout' must be shorter than the interval of "3s", got "3s"; lower it or raise 'interval' [DNSLB113]"`,
    );
  });

  test("fails when the timeout is as long as the default interval", () => {
    expect(refused({ timeout: "2s" })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'timeout' must be shorter than the interval of "2s", got "2s"; lower it or raise 'interval' [DNSLB113]"`,
    );
  });

  test("fails when the name could break out of a configuration line", () => {
    expect(refused({ name: 'a" or os.execute("x' })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'name' must be a domain name in ASCII, such as "example.com", got "a\\" or os.execute(\\"x" [DNSLB109]"`,
    );
  });

  test("fails when there is no room for a random label", () => {
    const name = Array.from({ length: 5 }, () => "a".repeat(48)).join(".");
    expect(HealthCheck.query({ ...BASE, name, randomLabel: true }).randomLabel).toBe(true);
    expect(refused({ name: `a${name}`, randomLabel: true })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'name' must be at most 244 characters long, to have room for a random label, got 245; shorten it or leave out 'randomLabel' [DNSLB109]"`,
    );
    expect(refused({ cd: true, randomLabel: 1 })).toMatchInlineSnapshot(`
      "[HealthCheck.query()] 'cd' is no property of HealthCheck.query(), 'checkingDisabled' sets the CD bit [DNSLB101]
      [HealthCheck.query()] 'randomLabel' must be true or false, got 1 [DNSLB103]"
    `);
  });

  test("fails when the record type cannot be probed", () => {
    expect(refused({ type: "ANY" })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'type' must be one of "A", "AAAA", "CNAME", "DNSKEY", "DS", "MX", "NS", "PTR", "SOA", "SRV", "TXT", got "ANY" [DNSLB103]"`,
    );
  });

  test("fails when properties are missing or unknown", () => {
    expect(refused({ name: undefined, intervall: "3s", rises: 1 })).toMatchInlineSnapshot(`
      "[HealthCheck.query()] 'intervall' is no property of HealthCheck.query(), did you mean 'interval'? [DNSLB101]
      [HealthCheck.query()] 'name' is required: a domain name in ASCII, such as "example.com" [DNSLB102]
      [HealthCheck.query()] 'rises' is no property of HealthCheck.query(), did you mean 'rise'? [DNSLB101]"
    `);
  });

  test("expects NOERROR with an answer, and more or less where it is told so", () => {
    expect(HealthCheck.query(BASE).expect).toEqual({ rcodes: ["NOERROR"], answer: "required" });
    expect(HealthCheck.query({ ...BASE, expect: { value: "192.0.2.1", authoritative: true } }).expect).toEqual({
      ...{ rcodes: ["NOERROR"], answer: "required", value: "192.0.2.1", authoritative: true },
    });
  });

  test("fails when no answer can be as expected", () => {
    expect(refused({ expect: { value: "2001:db8::1" } })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'expect.value' must be the data of a record of type A, AAAA or TXT, as an address or as up to 255 printable ASCII characters, got "2001:db8::1" for type A; leave it out, or probe for another type [DNSLB135]"`,
    );
    expect(refused({ type: "MX", expect: { value: "10 mx.example.com" } })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'expect.value' must be the data of a record of type A, AAAA or TXT, as an address or as up to 255 printable ASCII characters, got "10 mx.example.com" for type MX; leave it out, or probe for another type [DNSLB135]"`,
    );
    expect(refused({ expect: { value: "192.0.2.1", answer: "optional" } })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'expect.value' contradicts 'answer' or 'rcodes', which let a server be healthy without an answer; leave out one of them [DNSLB135]"`,
    );
    expect(refused({ expect: { rcodes: [] } })).toMatchInlineSnapshot(
      `"[HealthCheck.query()] 'expect.rcodes' must hold at least one RCODE, got an empty list; leave it out for NOERROR [DNSLB111]"`,
    );
    expect(refused({ expect: { rcodes: ["SERVFAIL"], answers: 1 } })).toMatchInlineSnapshot(`
      "[HealthCheck.query()] 'expect.answers' is no property of HealthCheck.query(), did you mean 'answer'? [DNSLB101]
      [HealthCheck.query()] 'expect.rcodes[0]' must be "NOERROR" or "NXDOMAIN" or "REFUSED", got "SERVFAIL" [DNSLB103]"
    `);
  });
});
