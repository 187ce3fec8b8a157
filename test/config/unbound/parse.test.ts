import { describe, expect, test } from "vitest";
import { parseUnbound, printUnbound } from "../../../lib/config/unbound/index.js";
import { UNBOUND_DIALECT } from "../../../lib/config/unbound/model.js";
import { readsBack } from "../clauses.js";
import { NASTY } from "../nasty.js";

const writable = (value: string) => /^(?:[^"\\]|\\.)*$/u.test(value) || /^(?:[^'\\]|\\.)*$/u.test(value);

describe("what was printed", () => {
  test("is read back as it was, whatever the values hold", () => {
    readsBack(UNBOUND_DIALECT, writable, (clauses) => parseUnbound(printUnbound({ clauses })).clauses);
  });

  test.each(NASTY.filter(writable))("is read back with the value %j", (value) => {
    const clauses = [
      { kind: "server", attributes: [["local-data", value] as const, ["access-control", value, value] as const] },
    ] as const;
    expect(parseUnbound(printUnbound({ clauses }))).toEqual({ clauses });
  });
});

describe("what others wrote", () => {
  test("may hold comments, blank lines, either quotes and any indentation", () => {
    const text = `# c\n\nserver: # s\n\tport:53\n\tport: 53 # p\n  identity: 'a "b"'\r\nidentity: a\\ b#c\n`;
    expect(() => parseUnbound(text)).toThrow(`'line 4' must start with a keyword and a colon`);
    expect(parseUnbound(text.replace("\tport:53\n", ""))).toEqual({
      clauses: [
        {
          kind: "server",
          attributes: [
            ["port", "53"],
            ["identity", 'a "b"'],
            ["identity", "a\\ b#c"],
          ],
        },
      ],
    });
  });

  test.each([
    ["an attribute stands before any clause", "port: 53", "'line 1' must stand in a clause"],
    ["a colon is missing", "server:\nport 53", "'line 2' must start with a keyword and a colon"],
    ["a quote is open", 'server:\nidentity: "a', "'line 2' must close its quotes"],
    ["a backslash takes the quote", 'server:\nidentity: "a\\"', "'line 2' must close its quotes"],
    ["a clause is unknown", "python:", `'line 1' is no keyword of unbound.conf: "python"`],
    ["an attribute has no value", "server:\nport:", `'line 2' is no keyword of unbound.conf: "port"`],
    [
      "an attribute is unknown",
      "server:\nprt: 53",
      `'line 2' is no keyword of a clause 'server:' of unbound.conf: "prt"`,
    ],
    ["a value is missing", "server:\nlocal-zone: a", "'line 2' must give 'local-zone' 2 values, got 1"],
    [
      "it holds a control character",
      "server:\nidentity: a\u0007",
      "'line 2' must hold no control character, got U+0007",
    ],
  ])("fails when %s", (_, text, message) => {
    expect(() => parseUnbound(text)).toThrow(message);
  });
});
