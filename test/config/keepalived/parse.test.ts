import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type KeepalivedBlock,
  type KeepalivedFile,
  parseKeepalived,
  printKeepalived,
} from "../../../lib/config/keepalived/index.js";
import { KEEPALIVED_GRAMMAR, type KeepalivedGrammar } from "../../../lib/config/keepalived/model.js";
import { NASTY, nastyWord, UNPRINTABLE } from "../nasty.js";

const writable = (word: string) => !/["\\$]|^[{}]$/.test(word);
const word = nastyWord.filter(writable);

/** Any block of the grammar with any words. */
function block(keyword: string, { named, lines, blocks }: KeepalivedGrammar): fc.Arbitrary<KeepalivedBlock> {
  const line = fc
    .tuple(lines === "data" ? word : fc.constantFrom(...lines), fc.array(word, { maxLength: 3 }))
    .map(([first, rest]) => [first, ...rest]);
  const entries = fc.array(fc.oneof(line, ...Object.entries(blocks).map(([k, g]) => block(k, g))), { maxLength: 4 });
  const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
  return fc.record({
    keyword: fc.constant(keyword),
    ...(named ? { name } : {}),
    entries,
  }) as fc.Arbitrary<KeepalivedBlock>;
}

const file = fc.record({
  blocks: fc.array(fc.oneof(...Object.entries(KEEPALIVED_GRAMMAR.blocks).map(([k, g]) => block(k, g))), {
    maxLength: 4,
  }),
});

describe("what was printed", () => {
  test("is read back as it was, whatever the words hold", () => {
    fc.assert(
      fc.property(file, (printed) => {
        expect(parseKeepalived(printKeepalived(printed))).toEqual(printed);
      }),
      { numRuns: 500 },
    );
  });

  test.each(NASTY.filter(writable))("is read back with the word %j", (nasty) => {
    const printed: KeepalivedFile = {
      blocks: [
        {
          keyword: "static_rules",
          entries: [
            [nasty, "after"],
            ["before", nasty],
          ],
        },
      ],
    };
    expect(parseKeepalived(printKeepalived(printed))).toEqual(printed);
  });
});

describe("what others wrote", () => {
  test("may hold comments, blank lines, any indentation and braces anywhere", () => {
    const text = [
      "! keepalived.conf",
      "global_defs{router_id lb1#c",
      "}",
      "",
      "vrrp_instance v4",
      "{",
      '\tpriority   250 ! high "enough"',
      "\tunicast_peer { 10.0.0.3 }",
      "  virtual_ipaddress { 10.0.0.53/32 dev eth0",
      "  10.0.0.54/32 } }\r",
    ].join("\n");
    expect(parseKeepalived(text)).toEqual({
      blocks: [
        { keyword: "global_defs", entries: [["router_id", "lb1"]] },
        {
          keyword: "vrrp_instance",
          name: "v4",
          entries: [
            ["priority", "250"],
            { keyword: "unicast_peer", entries: [["10.0.0.3"]] },
            { keyword: "virtual_ipaddress", entries: [["10.0.0.53/32", "dev", "eth0"], ["10.0.0.54/32"]] },
          ],
        },
      ],
    });
  });

  test("has words that end at a quote, as keepalived cuts them", () => {
    expect(parseKeepalived('static_rules {\na"b c"d\n}')).toEqual({
      blocks: [{ keyword: "static_rules", entries: [["a", "b c", "d"]] }],
    });
  });

  test.each([
    ["a parameter is set", "$A=1", "'line 1' must hold no backslash and no $, got \"$A=1\""],
    ["a parameter is used", "global_defs {\nrouter_id $_PWD\n}", "'line 2' must hold no backslash and no $"],
    ["a backslash is used", 'global_defs {\nrouter_id "a\\b"\n}', "'line 2' must hold no backslash and no $"],
    ["a line is for one host", "@lb1 global_defs {\n}", "'line 1' must not start with @"],
    ["a line repeats", "~SEQ(i,1,2) x", "'line 1' must not start with ~"],
    ["another file is read", "include x.conf", "'line 1' must not include another file"],
    ["a quote is open", 'global_defs {\nrouter_id "a\n}', "'line 2' must close its quote"],
    ["a block is open", "global_defs {\nrouter_id a\n", "'line 2' ends inside a block"],
    ["a block is closed twice", "global_defs {\n}\n}", "'line 3' closes a block that was never opened"],
    ["a block has two names", "vrrp_instance a b {\n}", `'line 1' must be named by one word, got "a b"`],
    ["a block has no name", "vrrp_instance {\n}", "'line 1' must be named: 'vrrp_instance' has no name"],
    ["a block is unknown", "virtual_server a {\n}", `'line 1' is no keyword of a block here: "virtual_server"`],
    ["a keyword is unknown", "global_defs {\nroutr_id a\n}", `'line 2' is no keyword of this block: "routr_id"`],
    ["a line stands outside blocks", "net_namespace x", `'line 1' is no keyword of this block: "net_namespace"`],
    ["a word is empty", 'global_defs {\nrouter_id ""\n}', "'line 2' must not be empty"],
  ])("fails when %s", (_, text, message) => {
    expect(() => parseKeepalived(text)).toThrow(message);
  });

  test.each(UNPRINTABLE.filter(([kind]) => kind !== "a newline"))("fails when it holds %s", (_, nasty, name) => {
    expect(() => parseKeepalived(`global_defs {\nrouter_id "${nasty}"\n}`)).toThrow(name);
  });
});
