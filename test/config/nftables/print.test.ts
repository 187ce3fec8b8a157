import { describe, expect, test } from "vitest";
import type { NftablesTable } from "../../../lib/config/nftables/model.js";
import { printNftables } from "../../../lib/config/nftables/print.js";
import { NASTY } from "../nasty.js";

const TABLE: NftablesTable = {
  name: "dns_lb_lb-1",
  chain: "adverts",
  priority: -300,
  rules: [
    ["ip", "ttl", "!=", "255", "counter", "drop"],
    ["ip6", "saddr", "!=", "{", "fd00::3,fd00::4", "}", "drop"],
  ],
};

test("a table replaces the one of its name at once", () => {
  expect(printNftables(TABLE)).toMatchInlineSnapshot(`
    "table inet dns_lb_lb-1
    delete table inet dns_lb_lb-1
    table inet dns_lb_lb-1 {
      chain adverts {
        type filter hook input priority -300; policy accept;
        ip ttl != 255 counter drop
        ip6 saddr != { fd00::3,fd00::4 } drop
      }
    }
    "
  `);
});

describe("fails when", () => {
  test.each(["", "1st", "a b", "a;", "a\n", "a{", "a".repeat(129)])("a name is %j", (name) => {
    expect(() => printNftables({ ...TABLE, name })).toThrow("DNSLB804");
    expect(() => printNftables({ ...TABLE, chain: name })).toThrow("DNSLB804");
  });

  const words = NASTY.filter((word) => !/^(?:[A-Za-z0-9_.:/=!,-]+|[{}])$/.test(word));
  test.each([...words, "", ";", "#", "a;b", "a{", '"a"', "$a", "@a"])("a word is %j", (word) => {
    expect(() => printNftables({ ...TABLE, rules: [["ip", word]] })).toThrow(/DNSLB80[13]/);
  });

  test("several things are wrong, with all of them", () => {
    expect(() =>
      printNftables({ ...TABLE, name: "a b", priority: 0.5, rules: [["ip", "a;"]] }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: 'name' must be a name of letters, digits, '-' and '_' that starts with a letter, got "a b" [DNSLB804]
      'priority' must be an integer, got 0.5 [DNSLB803]
      'rules[0][1]' is no word of a rule: "a;" [DNSLB803]]
    `);
  });
});
