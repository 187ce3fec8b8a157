import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Directive,
  HAPROXY_KEYWORDS,
  type HaproxyFile,
  type HaproxySection,
  parseHaproxy,
  printHaproxy,
} from "../../../lib/config/haproxy/index.js";
import { NASTY, nastyWord, UNPRINTABLE } from "../nasty.js";

const directive = fc
  .tuple(fc.constantFrom(...HAPROXY_KEYWORDS), fc.array(nastyWord, { maxLength: 5 }))
  .map(([keyword, words]): Directive => [keyword, ...words]);
const name = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,12}$/);
const section = fc.oneof(
  fc.record({ kind: fc.constantFrom("global", "defaults"), directives: fc.array(directive, { maxLength: 4 }) }),
  fc.record({
    kind: fc.constantFrom("defaults", "frontend", "backend", "listen", "userlist", "peers"),
    name,
    directives: fc.array(directive, { maxLength: 4 }),
  }),
) as fc.Arbitrary<HaproxySection>;

describe("what was printed", () => {
  test("is read back as it was, whatever the words hold", () => {
    fc.assert(
      fc.property(fc.array(section, { maxLength: 4 }), (sections) => {
        expect(parseHaproxy(printHaproxy({ sections }))).toEqual({ sections });
      }),
      { numRuns: 500 },
    );
  });

  test.each(NASTY)("is read back with the word %j", (word) => {
    const file: HaproxyFile = { sections: [{ kind: "global", directives: [["description", word, "after"]] }] };
    expect(parseHaproxy(printHaproxy(file))).toEqual(file);
  });
});

describe("what others wrote", () => {
  const words = (line: string) => parseHaproxy(`global\n${line}\n`).sections[0]?.directives[0];

  test.each([
    ["description  a\tb ", ["description", "a", "b"]],
    ["\tdescription a # comment", ["description", "a"]],
    ["description a#comment", ["description", "a"]],
    ["description a\\#b", ["description", "a#b"]],
    ["description a\\ b", ["description", "a b"]],
    ['description "a # b"c', ["description", "a # bc"]],
    ["description 'a\\n$HOME'", ["description", "a\\n$HOME"]],
    ['description "\\$HOME \\"x\\" \\\\"', ["description", '$HOME "x" \\']],
    ["description \\$HOME", ["description", "\\$HOME"]],
    ["description \\x41\\x7e", ["description", "A~"]],
    ["description ^(a|b)\\1$", ["description", "^(a|b)\\1$"]],
    [`description "it's"' "so"'`, ["description", `it's "so"`]],
    ["description a\r", ["description", "a"]],
  ])("%j is read as %j", (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  test("may hold blank lines, comments and any indentation", () => {
    expect(parseHaproxy("# c\n\nglobal # x\n maxconn 1\n\n   # y\ndefaults\nmode tcp")).toEqual({
      sections: [
        { kind: "global", directives: [["maxconn", "1"]] },
        { kind: "defaults", directives: [["mode", "tcp"]] },
      ],
    });
  });

  test.each([
    ["a variable is used", 'global\ndescription "$HOME"', "'line 2' must not depend on the environment"],
    ["a quote is open", "global\ndescription 'a", "'line 2' must close its quote ' [DNSLB805]"],
    ["a weak quote is open", 'global\ndescription "a\\"', "'line 2' must close its quote \""],
    ["a byte is no character", "global\ndescription \\xe9", "'line 2' must be \\x and two digits up to 7f"],
    ["an escape makes a newline", "global\ndescription a\\nb", "'line 2' must hold no control character, got U+000A"],
    ["a word is empty", 'global\ndescription ""', "'line 2' must not be empty"],
    ["a directive stands before any section", "maxconn 1", `'line 1' must stand in a section, got "maxconn"`],
    ["a keyword is unknown", "global\nmaxcon 1", `'line 2' is no keyword of haproxy.cfg: "maxcon"`],
    ["a macro is used", "global\n.if 1", `'line 2' is no keyword of haproxy.cfg: ".if"`],
    ["a section is unknown", "program x", `'line 1' is no keyword of haproxy.cfg: "program"`],
    ["a section has no name", "backend", "'line 1' must be given: 'backend' has no name"],
    ["defaults are inherited", "defaults a from b", `must have nothing after the name of 'defaults', got "from b"`],
    ["a listen has an address", "listen a :53", `must have nothing after the name of 'listen', got ":53"`],
  ])("fails when %s", (_, text, message) => {
    expect(() => parseHaproxy(text)).toThrow(message);
  });

  test.each(UNPRINTABLE.slice(2).filter(([kind]) => kind !== "a tab"))(
    "fails when it holds %s",
    (_, word, character) => {
      expect(() => parseHaproxy(`global\ndescription "${word}"`)).toThrow(character);
    },
  );

  test("fails when several lines are wrong, with all of them", () => {
    expect(() => parseHaproxy("maxconn 1\nbackend\nmode ''\n")).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: 'line 1' must stand in a section, got "maxconn" before the first [DNSLB805]
      'line 2' must be given: 'backend' has no name [DNSLB804]
      'line 3' must not be empty: HAProxy ends the line's arguments at an empty word [DNSLB803]]
    `);
  });
});
