import { describe, expect, test } from "vitest";
import { type NsdAttribute, type NsdClauseKind, type NsdFile, printNsd } from "../../../lib/config/nsd/index.js";
import { UNPRINTABLE } from "../nasty.js";

const inClause = (kind: NsdClauseKind, ...attribute: string[]): NsdFile => ({
  clauses: [{ kind, attributes: [attribute as unknown as NsdAttribute] }],
});

describe("an attribute", () => {
  test.each<[NsdClauseKind, NsdAttribute, string]>([
    ["server", ["ip-address", "192.168.1.20@53"], "ip-address: 192.168.1.20@53"],
    ["server", ["ip-address", "2001:db8::20"], "ip-address: 2001:db8::20"],
    ["server", ["proxy-protocol-port", "5353"], "proxy-protocol-port: 5353"],
    ["server", ["rrl-ratelimit", "0"], "rrl-ratelimit: 0"],
    ["server", ["identity", "auth 1"], 'identity: "auth 1"'],
    ["server", ["identity", "server:"], 'identity: "server:"'],
    ["server", ["identity", "it's"], `identity: "it's"`],
    ["server", ["identity", '\\"'], 'identity: "\\""'],
    ["server", ["database", ""], 'database: ""'],
    ["server", ["verbosity", "server:"], 'verbosity: "server:"'],
    ["server", ["verbosity", "AXFR"], 'verbosity: "AXFR"'],
    ["server", ["verbosity", "servers=1"], 'verbosity: "servers=1"'],
    ["server", ["verbosity", ""], 'verbosity: ""'],
    ["key", ["secret", "K2tf3TRjvQkVCmJF3/Z9vA=="], 'secret: "K2tf3TRjvQkVCmJF3/Z9vA=="'],
    ["zone", ["name", "example.com"], 'name: "example.com"'],
    ["zone", ["zonefile", "example.com.zone"], 'zonefile: "example.com.zone"'],
    ["zone", ["include-pattern", "secondary"], 'include-pattern: "secondary"'],
    ["zone", ["allow-notify", "192.168.1.20", "NOKEY"], "allow-notify: 192.168.1.20 NOKEY"],
    ["zone", ["request-xfr", "192.168.1.20", "key.example"], "request-xfr: 192.168.1.20 key.example"],
    ["zone", ["request-xfr", "AXFR", "192.168.1.20@53", "NOKEY"], "request-xfr: AXFR 192.168.1.20@53 NOKEY"],
    ["zone", ["request-xfr", "UDP", "2001:db8::1", "NOKEY"], "request-xfr: UDP 2001:db8::1 NOKEY"],
    ["zone", ["request-xfr", "AXFR", "192.0.2.1", "k", "tls"], "request-xfr: AXFR 192.0.2.1 k tls"],
    ["zone", ["request-xfr", "192.0.2.1", "AXFR"], 'request-xfr: 192.0.2.1 "AXFR"'],
    ["zone", ["notify", "AXFR", "NOKEY"], 'notify: "AXFR" NOKEY'],
    ["zone", ["provide-xfr", "198.51.100.0/24", "NOKEY"], "provide-xfr: 198.51.100.0/24 NOKEY"],
    ["zone", ["provide-xfr", "192.0.2.1-192.0.2.9", "BLOCKED"], "provide-xfr: 192.0.2.1-192.0.2.9 BLOCKED"],
    ["zone", ["provide-xfr", "192.0.2.1", "NOKEY", "tls"], "provide-xfr: 192.0.2.1 NOKEY tls"],
  ])("of a %s, %j is printed %s", (kind, attribute, line) => {
    expect(printNsd(inClause(kind, ...attribute))).toBe(`${kind}:\n  ${line}\n`);
  });
});

describe("a file", () => {
  const file: NsdFile = {
    clauses: [
      { kind: "server", attributes: [["server-count", "1"]] },
      {
        kind: "zone",
        attributes: [
          ["name", "example.com"],
          ["zonefile", "example.com.zone"],
        ],
      },
    ],
  };

  test("keeps the order, with a blank line between clauses and a newline at its end", () => {
    expect(printNsd(file)).toBe(
      'server:\n  server-count: 1\n\nzone:\n  name: "example.com"\n  zonefile: "example.com.zone"\n',
    );
  });

  test("prints to the same bytes each time", () => {
    expect(printNsd(structuredClone(file))).toBe(printNsd(file));
  });
});

describe("what NSD cannot be given", () => {
  test.each(UNPRINTABLE)("fails when a value holds %s", (_, value, name) => {
    expect(() => printNsd(inClause("server", "identity", value))).toThrow(
      `'clauses[0].attributes[0][1]' must hold no control character, got ${name} as character 2, remove it`,
    );
  });

  test.each([
    ["a double quote", 'a"b'],
    ["a backslash at its end", "a\\"],
    ["a quote after an escaped backslash", '\\\\"'],
  ])("fails when a value holds %s", (_, value) => {
    expect(() => printNsd(inClause("server", "identity", value))).toThrow(
      `'clauses[0].attributes[0][1]' must fit between ", as nsd.conf has no escapes`,
    );
  });

  test.each<[string, NsdClauseKind, string[], string]>([
    [
      "an attribute is unknown",
      "server",
      ["verbos", "1"],
      "is no keyword of a clause 'server:' of nsd.conf: \"verbos\"",
    ],
    ["an attribute belongs to another clause", "server", ["zonefile", "x"], 'of nsd.conf: "zonefile"'],
    ["a value is missing", "zone", ["notify", "::1"], "must give 'notify' 2 values, got 1"],
    ["a value is missing of several", "zone", ["provide-xfr", "::1"], "must give 'provide-xfr' 2 to 3 values, got 1"],
    [
      "values are too many",
      "zone",
      ["provide-xfr", "::1", "a", "b", "c"],
      "must give 'provide-xfr' 2 to 3 values, got 4",
    ],
  ])("fails when %s", (_, kind, attribute, message) => {
    expect(() => printNsd(inClause(kind, ...attribute))).toThrow(message);
  });
});
