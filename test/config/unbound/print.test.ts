import { describe, expect, test } from "vitest";
import { printUnbound, type UnboundAttribute, type UnboundFile } from "../../../lib/config/unbound/index.js";
import { UNPRINTABLE } from "../nasty.js";

const inServer = (...attribute: string[]): UnboundFile => ({
  clauses: [{ kind: "server", attributes: [attribute as unknown as UnboundAttribute] }],
});

describe("an attribute", () => {
  test.each<[UnboundAttribute, string]>([
    [["interface", "0.0.0.0@53"], "interface: 0.0.0.0@53"],
    [["interface", "::0"], "interface: ::0"],
    [["access-control", "10.0.0.0/8", "allow"], "access-control: 10.0.0.0/8 allow"],
    [["access-control", "2001:db8::/32", "allow"], "access-control: 2001:db8::/32 allow"],
    [["proxy-protocol-port", "5353"], "proxy-protocol-port: 5353"],
    [["msg-cache-size", "64m"], "msg-cache-size: 64m"],
    [["identity", "resolver 1"], 'identity: "resolver 1"'],
    [["identity", "resolver1"], 'identity: "resolver1"'],
    [["chroot", ""], 'chroot: ""'],
    [["module-config", "validator iterator"], 'module-config: "validator iterator"'],
    [["local-zone", "dns-lb.test.", "static"], 'local-zone: "dns-lb.test." static'],
    [["local-data", "a.dns-lb.test. 60 IN A 192.0.2.1"], 'local-data: "a.dns-lb.test. 60 IN A 192.0.2.1"'],
    [["local-data", 'a.test. TXT "some text"'], `local-data: 'a.test. TXT "some text"'`],
    [["local-data", `a.test. TXT "it\\'s"`], `local-data: 'a.test. TXT "it\\'s"'`],
    [["local-data", "a.test. TXT it's"], `local-data: "a.test. TXT it's"`],
    [["local-data", 'a.test. TXT \\"'], 'local-data: "a.test. TXT \\""'],
    [["identity", "a#b"], 'identity: "a#b"'],
    [["verbosity", "1 # high"], 'verbosity: "1 # high"'],
    [["verbosity", "server:"], 'verbosity: "server:"'],
    [["verbosity", ""], 'verbosity: ""'],
    [["verbosity", "größe"], 'verbosity: "größe"'],
    [["access-control-view", "10.0.0.0/8", "inside"], 'access-control-view: 10.0.0.0/8 "inside"'],
    [["include", "/etc/unbound/local.conf"], 'include: "/etc/unbound/local.conf"'],
  ])("%j is printed %s", (attribute, line) => {
    expect(printUnbound(inServer(...attribute))).toBe(`server:\n  ${line}\n`);
  });

  test("of a forwarder may name its certificate", () => {
    expect(
      printUnbound({
        clauses: [{ kind: "forward-zone", attributes: [["forward-addr", "192.0.2.53@853#resolver.example"]] }],
      }),
    ).toBe("forward-zone:\n  forward-addr: 192.0.2.53@853#resolver.example\n");
  });
});

describe("a file", () => {
  const file: UnboundFile = {
    clauses: [
      {
        kind: "server",
        attributes: [
          ["port", "53"],
          ["do-ip6", "no"],
        ],
      },
      { kind: "remote-control", attributes: [["control-enable", "no"]] },
    ],
  };

  test("keeps the order, with a blank line between clauses and a newline at its end", () => {
    expect(printUnbound(file)).toBe("server:\n  port: 53\n  do-ip6: no\n\nremote-control:\n  control-enable: no\n");
  });

  test("prints to the same bytes each time", () => {
    expect(printUnbound(structuredClone(file))).toBe(printUnbound(file));
  });
});

describe("what unbound cannot be given", () => {
  test.each(UNPRINTABLE)("fails when a value holds %s", (_, value, name) => {
    expect(() => printUnbound(inServer("identity", value))).toThrow(
      `'clauses[0].attributes[0][1]' must hold no control character, got ${name} as character 2, remove it`,
    );
  });

  test.each([
    ["both kinds of quotes", `it's "so"`],
    ["a backslash at its end", "a\\"],
    ["quotes and a backslash at its end", '"a\\'],
  ])("fails when a value holds %s", (_, value) => {
    expect(() => printUnbound(inServer("local-data", value))).toThrow(
      `'clauses[0].attributes[0][1]' must fit between " or ', as unbound.conf has no escapes`,
    );
  });

  test.each([
    ["an attribute is unknown", ["verbostiy", "1"], `is no keyword of a clause 'server:' of unbound.conf: "verbostiy"`],
    ["an attribute belongs to another clause", ["forward-addr", "::1"], `of unbound.conf: "forward-addr"`],
    ["an attribute is a property of every object", ["constructor", "1"], `of unbound.conf: "constructor"`],
    ["a value is missing", ["access-control", "::/0"], "must give 'access-control' 2 values, got 1"],
    ["a value is too many", ["port", "53", "54"], "must give 'port' 1 value, got 2"],
    ["there is no value", ["port"], "must give 'port' 1 value, got 0"],
  ])("fails when %s", (_, attribute, message) => {
    expect(() => printUnbound(inServer(...attribute))).toThrow(message);
  });

  test("fails when a clause is unknown", () => {
    expect(() =>
      printUnbound({ clauses: [{ kind: "python", attributes: [] }] } as unknown as UnboundFile),
    ).toThrowErrorMatchingInlineSnapshot(
      `[UnscopedValidationError: 'clauses[0].kind' is no keyword of unbound.conf: "python" [DNSLB802]]`,
    );
  });

  test("fails when several things are wrong, with all of them", () => {
    expect(() =>
      printUnbound({
        clauses: [
          {
            kind: "server",
            attributes: [
              ["prt", "53"],
              ["identity", `'"`],
            ],
          },
          { kind: "view", attributes: [["name"]] },
        ],
      }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: 'clauses[0].attributes[0][0]' is no keyword of a clause 'server:' of unbound.conf: "prt" [DNSLB802]
      'clauses[0].attributes[1][1]' must fit between " or ', as unbound.conf has no escapes [DNSLB803]
      'clauses[1].attributes[0][0]' must give 'name' 1 value, got 0 [DNSLB806]]
    `);
  });
});
