import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BIRD_OPERATORS } from "../../../lib/config/bird/expression.js";
import { BIRD_CALLS, BIRD_SETTABLE } from "../../../lib/config/bird/filter.js";
import {
  type BirdBlock,
  type BirdExpression,
  type BirdFile,
  type BirdFilterStatement,
  type BirdValue,
  parseBird,
  printBird,
} from "../../../lib/config/bird/index.js";
import { BIRD_GRAMMAR, type BirdGrammar } from "../../../lib/config/bird/model.js";
import { isReserved } from "../../../lib/config/bird/reserved.js";
import { NASTY, nastyWord } from "../nasty.js";
import { SAMPLE } from "./sample.js";

const writable = (text: string) => !text.includes('"');
const text = nastyWord.filter(writable);
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/).filter((word) => !isReserved(word));
const number = fc.nat({ max: 0xffff_ffff });
const prefix4 = fc.constantFrom("0.0.0.0/0", "10.0.0.0/8", "192.0.2.53/32");
const prefix6 = fc.constantFrom("::/0", "2001:db8::/32", "::ffff:192.0.2.53/128", "2001:DB8::53/128");
const address = fc.oneof(fc.ipV4(), fc.ipV6());

const setOf = (prefix: fc.Arbitrary<string>, around: string[]): fc.Arbitrary<BirdExpression> =>
  fc
    .array(
      fc.tuple(prefix, fc.constantFrom("", "+", "-", ...around)).map((parts) => parts.join("")),
      { minLength: 1, maxLength: 3 },
    )
    .map((prefixes) => ({ prefixes }));

const { expression } = fc.letrec<{ expression: BirdExpression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ name: fc.oneof(name, fc.constantFrom("net", "net.type", "bgp_path.len", "RTS_BGP")) }),
    fc.record({ number }),
    fc.record({ text }),
    fc.record({ address }),
    fc.record({ prefix: fc.oneof(prefix4, prefix6) }),
    setOf(prefix4, ["{0,32}"]),
    setOf(prefix6, ["{64,128}"]),
    fc.record({
      community: fc.array(fc.oneof(fc.record({ number }), fc.record({ name })), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ not: tie("expression") }),
    fc.record({
      left: tie("expression"),
      operator: fc.constantFrom(...BIRD_OPERATORS),
      right: tie("expression"),
    }),
    fc.record({ all: fc.array(tie("expression"), { minLength: 2, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie("expression"), { minLength: 2, maxLength: 3 }) }),
  ),
}));

const { statement } = fc.letrec<{ statement: BirdFilterStatement }>((tie) => {
  const statements = fc.array(tie("statement"), { minLength: 1, maxLength: 3 });
  return {
    statement: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom<BirdFilterStatement>("accept", "reject"),
      fc.record({ set: fc.constantFrom(...BIRD_SETTABLE), to: expression }),
      fc.record({ call: fc.constantFrom(...BIRD_CALLS), with: expression }),
      fc.record({ if: expression, do: statements, else: statements }, { requiredKeys: ["if", "do"] }),
    ),
  };
});

/** Any value of a kind, or one of the words. */
function anyValue(part: string): fc.Arbitrary<BirdValue> {
  switch (part) {
    case "NUMBER":
      return number.map(String);
    case "ADDRESS":
      return address;
    case "IPV4":
      return fc.ipV4();
    case "PREFIX":
      return fc.oneof(prefix4, prefix6);
    case "NAME":
      return name;
    case "TEXT":
      return fc.record({ text });
    case "CONDITION":
      return expression;
    default:
      return fc.constantFrom(...part.split("|"));
  }
}

function lineOf(option: string, forms: readonly string[]): fc.Arbitrary<[string, ...BirdValue[]]> {
  const path = fc.record({ text: fc.constantFrom("a.conf", "/etc/a b/ü.conf") });
  return fc
    .oneof(
      ...forms.map((form) => {
        const parts = form.split(" ").filter((part) => part !== "" && part !== ",");
        return fc.tuple(...parts.map((part) => (option === "include" ? path : anyValue(part))));
      }),
    )
    .map((values) => [option, ...values]);
}

/** Any block of the grammar with any values. */
function block(keyword: string, grammar: BirdGrammar): fc.Arbitrary<BirdBlock> {
  const lines = Object.entries(grammar.options).map(([option, forms]) => lineOf(option, forms));
  const blocks = Object.entries(grammar.blocks).map(([word, inner]) => block(word, inner));
  const entries = fc.array(fc.oneof(...lines, ...blocks), { maxLength: 4 });
  const required = ["keyword", "entries", ...(/required|pattern/.test(grammar.name) ? ["name"] : [])];
  return fc.record(
    {
      keyword: fc.constant(keyword),
      ...(grammar.name === "none" ? {} : { name: grammar.name === "pattern" ? text : name }),
      ...(keyword === "protocol bgp" ? { from: name } : {}),
      entries,
    },
    { requiredKeys: required as never[] },
  ) as fc.Arbitrary<BirdBlock>;
}

const file = fc.record({
  statements: fc.array(
    fc.oneof(
      ...Object.entries(BIRD_GRAMMAR.options).map(([option, forms]) => lineOf(option, forms)),
      ...Object.entries(BIRD_GRAMMAR.blocks).map(([keyword, grammar]) => block(keyword, grammar)),
      fc.record({ define: name, value: expression }),
      fc.record({ filter: name, statements: fc.array(statement, { minLength: 1, maxLength: 3 }) }),
    ),
    { maxLength: 5 },
  ),
}) as fc.Arbitrary<BirdFile>;

describe("what was printed", () => {
  test("is read back as it was, whatever it holds, and printed the same again", () => {
    fc.assert(
      fc.property(file, (printed) => {
        const once = printBird(printed);
        const read = parseBird(once);
        expect(read).toEqual(printed);
        expect(printBird(read)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  test.each(NASTY.filter(writable))("is read back with the text %j", (nasty) => {
    const printed: BirdFile = {
      statements: [
        { define: "NASTY", value: { text: nasty } },
        { keyword: "protocol direct", entries: [["interface", { text: nasty }], ["ipv4"]] },
        { keyword: "protocol bfd", entries: [{ keyword: "interface", name: nasty, entries: [["passive"]] }] },
      ],
    };
    expect(parseBird(printBird(printed))).toEqual(printed);
  });

  test("is read back, all that a node may be told", () => {
    expect(parseBird(printBird(SAMPLE))).toEqual(SAMPLE);
  });
});

describe("what others wrote", () => {
  test("may hold comments, empty statements, any indentation and braces anywhere", () => {
    const written = [
      "/* bird.conf",
      " * by hand */ log stderr all; # all of it",
      'router   id 10.0.0.2;;include "a.conf"',
      ";",
      "protocol bgp r1 from up{ local as 64512;",
      " neighbor 10.0.0.1",
      "  as 64500; ipv4 { import none; export where !source = RTS_BGP && ( net ~ [ 10.0.0.0/8 {24, 32} ] ); } ; }\r",
      "filter f { if ((net.len > 24)) then { reject; } else if true then accept; else { ; reject; } }",
    ].join("\n");
    // The include stands behind another statement.
    expect(() => parseBird(written)).toThrow("'line 3' must have a line of its own: include");
    expect(parseBird(written.replace(";;include", ";;\ninclude"))).toEqual({
      statements: [
        ["log", "stderr", "all"],
        ["router id", "10.0.0.2"],
        ["include", { text: "a.conf" }],
        {
          ...{ keyword: "protocol bgp", name: "r1", from: "up" },
          entries: [
            ["local", "as", "64512"],
            ["neighbor", "10.0.0.1", "as", "64500"],
            {
              keyword: "ipv4",
              entries: [
                ["import", "none"],
                [
                  "export",
                  "where",
                  {
                    all: [
                      { left: { not: { name: "source" } }, operator: "=", right: { name: "RTS_BGP" } },
                      { left: { name: "net" }, operator: "~", right: { prefixes: ["10.0.0.0/8{24,32}"] } },
                    ],
                  },
                ],
              ],
            },
          ],
        },
        {
          filter: "f",
          statements: [
            {
              if: { left: { name: "net.len" }, operator: ">", right: { number: 24 } },
              do: ["reject"],
              else: [{ if: { name: "true" }, do: ["accept"], else: ["reject"] }],
            },
          ],
        },
      ],
    });
  });

  test.each([
    ["a quote is open", 'include "a;', "'line 1' must close its quote"],
    ["a comment is open", "/* log stderr all;", "'line 1' must close its comment"],
    ["a name is in apostrophes", "define 'a' = 1;", "'line 1' has a character that BIRD does not know: \"'\""],
    ["a block is open", "protocol device {\nscan time 10;\n", "'line 2' ends inside a block"],
    ["a block is closed twice", "protocol device { }\n}", "'line 2' must begin with a word, got \"}\""],
    ["a semicolon is missing", "log stderr all\nrouter id 10.0.0.1;", "'line 1' must give 'log' \"stderr|syslog all\""],
    ["an option is unknown", "protocol device {\nscan tim 1;\n}", "'line 2' is no keyword of this block: \"scan\""],
    ["a block is unknown", "protocol ospf a {\n}", "'line 1' is no keyword of a block here: \"protocol ospf\""],
    ["a block has two names", "protocol direct a b {\n}", `'line 1' must be named by one word, got "a b"`],
    ["a template has no name", "template bgp {\n}", "'line 1' must be named: 'template bgp' has no name"],
    ["an interface is a word", "protocol bfd { interface eth0 { }; }", "'line 1' must be named by one text"],
    ["a protocol is named by a text", 'protocol bgp "a" { }', "'line 1' must be named by one word"],
    [
      "a protocol has a reserved name",
      "protocol bgp router { }",
      "'line 1' must not be a word of BIRD's own: \"router\"",
    ],
    ["only a BGP protocol has a template", "protocol direct a from b { }", "'line 1' must have no template"],
    [
      "a comma is missing",
      "template bgp a { error wait time 1 5; }",
      `'line 1' must give 'error wait time' "NUMBER , NUMBER"`,
    ],
    ["there is a comma too many", "template bgp a { local as 1,; }", `'line 1' must give 'local' "as NUMBER"`],
    ["a number is too large", "protocol device { scan time 4294967296; }", "'line 1' must give 'scan time' \"NUMBER\""],
    ["a function is defined", "function f() { return 1; }", "'line 1' must have the name of a block here, got \"(\""],
    ["a filter ends in nothing", "filter a { }", "'line 1' must hold a statement"],
    ["a filter prints", 'filter a { print "a"; }', "'line 1' is no statement: \"print\""],
    ["a filter sets what is not to be set", "filter a { net = 1; }", "'line 1' is no keyword of what a filter may set"],
    [
      "both kinds of conditions are mixed",
      "define A = B && C || D;",
      "'line 1' must stand in parentheses beside the other",
    ],
    ["a community has a network in it", "define A = (1, 10.0.0.0/8);", "'line 1' must have numbers or names alone"],
    ["a community has four parts", "define A = (1, 2, 3, 4);", "'line 1' must have two parts, or three"],
    ["a set is empty", "define A = [];", "'line 1' must have a network here, got \"]\""],
    ["a set has both families", "define A = [ 10.0.0.0/8, ::/0 ];", "'line 1' must hold networks of one family"],
    ["a network has host bits", "define A = 10.0.0.1/8;", 'must be a network without host bits, got "10.0.0.1/8"'],
    ["another file is read by a pattern", 'include "*.conf";', "'line 1' must be the path of one file"],
    [
      "nesting does not end",
      `define A = ${"(".repeat(100)}1${")".repeat(100)};`,
      "'line 1' must be nested at most 60 deep",
    ],
  ])("fails when %s", (_, written, message) => {
    expect(() => parseBird(written)).toThrow(message);
  });

  test("fails when a password stands in the file, and does not repeat it", () => {
    const failure = (written: string) => {
      try {
        parseBird(written);
      } catch (error) {
        return String(error);
      }
      return "none";
    };
    for (const line of ['password "s3cret";', 'password MD5 "s3cret";', '"s3cret";', 'password "s3cret']) {
      const said = failure(`template bgp a {\n${line}\n}`);
      expect(said).toContain("'line 2'");
      expect(said).not.toContain("s3cret");
    }
  });

  test("fails when several things are wrong, with all of them", () => {
    const written =
      "define router = 1;\nprotocol device { scan time x; nothing { at all; } scan time y; }\nfilter f { net; }\nlog x;";
    expect(() => parseBird(written)).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: 'line 1' must not be a word of BIRD's own: "router" [DNSLB804]
      'line 2' is no keyword of a block here: "nothing" [DNSLB802]
      'line 2' must give 'scan time' "NUMBER", got "x" [DNSLB806]
      'line 2' must give 'scan time' "NUMBER", got "y" [DNSLB806]
      'line 3' is no statement: "net" [DNSLB802]
      'line 4' must give 'log' "stderr|syslog all", got "x" [DNSLB806]]
    `);
  });
});
