import { describe, expect, test } from "vitest";
import {
  type KeepalivedBlock,
  type KeepalivedBlockKeyword,
  type KeepalivedFile,
  type KeepalivedLine,
  parseKeepalived,
  printKeepalived,
  printKeepalivedLine,
} from "../../../lib/config/keepalived/index.js";
import { UNPRINTABLE } from "../nasty.js";

const inGlobal = (...line: string[]): KeepalivedFile => ({
  blocks: [{ keyword: "global_defs", entries: [line as unknown as KeepalivedLine] }],
});
const inInstance = (...entries: KeepalivedBlock["entries"]): KeepalivedFile => ({
  blocks: [{ keyword: "vrrp_instance", name: "v4", entries }],
});

test("extra lines of a block come last, are marked, and are read back with it", () => {
  const entries: KeepalivedLine[] = [["router_id", "lb1"]];
  const extra: KeepalivedLine[] = [
    ["vrrp_process_name", "# }"],
    ["vrrp_rt_priority", "50"],
  ];
  const text = printKeepalived({ blocks: [{ keyword: "global_defs", entries, extra }] });
  expect(text).toMatchInlineSnapshot(`
    "global_defs {
      router_id lb1
      # extra, not known to cdktf-dns-lb:
      vrrp_process_name "# }"
      vrrp_rt_priority 50
      # end of extra
    }
    "
  `);
  expect(parseKeepalived(text)).toEqual({ blocks: [{ keyword: "global_defs", entries: [...entries, ...extra] }] });
});

describe("a line", () => {
  test.each<[KeepalivedLine, string]>([
    [["router_id", "lb1"], "router_id lb1"],
    [["vrrp_garp_master_refresh", "30"], "vrrp_garp_master_refresh 30"],
    [["router_id", "a b"], 'router_id "a b"'],
    [["router_id", "a!b"], 'router_id "a!b"'],
    [["router_id", "a#b"], 'router_id "a#b"'],
    [["router_id", "a{b}"], 'router_id "a{b}"'],
    [["router_id", "it's"], `router_id "it's"`],
    [["router_id", "@a"], 'router_id "@a"'],
    [["router_id", "~SEQ(x)"], 'router_id "~SEQ(x)"'],
    [["router_id", "größe"], 'router_id "größe"'],
    [["notification_email_from", "ops@example.com"], "notification_email_from ops@example.com"],
    [["startup_script", "/usr/lib/check 'a b'", "root"], `startup_script "/usr/lib/check 'a b'" root`],
  ])("%j is printed %s", (line, text) => {
    expect(printKeepalivedLine(line)).toBe(text);
    expect(printKeepalived(inGlobal(...line))).toBe(`global_defs {\n  ${text}\n}\n`);
  });

  test.each<[KeepalivedBlockKeyword, KeepalivedLine, string]>([
    ["virtual_ipaddress", ["10.0.0.53/32", "dev", "eth0"], "10.0.0.53/32 dev eth0"],
    ["virtual_ipaddress", ["2001:db8::53/128", "dev", "eth0"], "2001:db8::53/128 dev eth0"],
    ["unicast_peer", ["10.0.0.3"], "10.0.0.3"],
    ["virtual_routes", ["0.0.0.0/0", "via", "203.0.113.1", "dev", "eth1"], "0.0.0.0/0 via 203.0.113.1 dev eth1"],
    ["virtual_rules", ["from", "203.0.113.53", "lookup", "100"], "from 203.0.113.53 lookup 100"],
    ["track_script", ["dnsdist", "weight", "-60"], "dnsdist weight -60"],
    ["track_script", ["include"], '"include"'],
  ])("of data in %s, %j is printed %s", (keyword, line, text) => {
    expect(printKeepalived(inInstance({ keyword, entries: [line] }))).toBe(
      `vrrp_instance v4 {\n  ${keyword} {\n    ${text}\n  }\n}\n`,
    );
  });
});

describe("a file", () => {
  const file: KeepalivedFile = {
    blocks: [
      {
        keyword: "global_defs",
        entries: [["vrrp_version", "3"], { keyword: "notification_email", entries: [["ops@example.com"]] }],
      },
      {
        keyword: "vrrp_sync_group",
        name: "dns",
        entries: [{ keyword: "group", entries: [["v4"], ["v6"]] }, ["global_tracking"]],
      },
      { keyword: "vrrp_instance", name: "v4", entries: [] },
    ],
  };

  test("has a blank line between blocks and a newline at its end", () => {
    expect(printKeepalived(file)).toMatchInlineSnapshot(`
      "global_defs {
        vrrp_version 3
        notification_email {
          ops@example.com
        }
      }

      vrrp_sync_group dns {
        group {
          v4
          v6
        }
        global_tracking
      }

      vrrp_instance v4 {
      }
      "
    `);
  });

  test("prints to the same bytes each time", () => {
    expect(printKeepalived(structuredClone(file))).toBe(printKeepalived(file));
  });
});

describe("a word that keepalived cannot be given", () => {
  test.each(UNPRINTABLE)("fails when it holds %s", (_, word, name) => {
    expect(() => printKeepalived(inGlobal("router_id", word))).toThrow(
      `'blocks[0].entries[0][1]' must hold no control character, got ${name} as character 2, remove it`,
    );
  });

  test.each([
    ["a double quote", 'a"b', `must not hold ", which keepalived cannot quote, got "a\\"b"`],
    ["a backslash", "a\\b", "must not hold \\, which keepalived cannot quote"],
    ["a dollar", "$_PWD", "must not hold $, which keepalived cannot quote"],
    ["nothing but a brace", "{", "must not hold {, which keepalived cannot quote"],
    ["nothing but a closing brace", "}", "must not hold }, which keepalived cannot quote"],
    ["nothing", "", "must not be empty"],
  ])("fails when it holds %s", (_, word, message) => {
    expect(() => printKeepalived(inGlobal("router_id", word))).toThrow(`'blocks[0].entries[0][1]' ${message}`);
    expect(() => printKeepalived(inInstance({ keyword: "unicast_peer", entries: [[word]] }))).toThrow(
      `'blocks[0].entries[0].entries[0][0]' ${message}`,
    );
  });

  test("fails when it makes the line longer than keepalived's buffer", () => {
    const fits = "x".repeat(1022 - "  router_id ".length);
    expect(printKeepalived(inGlobal("router_id", fits))).toContain(fits);
    expect(() => printKeepalived(inGlobal("router_id", `${fits}x`))).toThrow(
      "'blocks[0].entries[0]' must be at most 1022 bytes on a line, got 1023 in ",
    );
    expect(() => printKeepalived(inGlobal("router_id", "ü".repeat(510)))).toThrow("got 1034 in");
  });
});

describe("a block that keepalived cannot be given", () => {
  const print = (...blocks: { keyword: string; name?: string; entries?: unknown[] }[]) =>
    printKeepalived({ blocks: blocks.map((block) => ({ entries: [], ...block }) as unknown as KeepalivedBlock) });

  test.each([
    [
      "it is unknown",
      { keyword: "vrrp_track_process", name: "x" },
      `is no keyword of a block here: "vrrp_track_process"`,
    ],
    ["it belongs elsewhere", { keyword: "virtual_ipaddress" }, `is no keyword of a block here: "virtual_ipaddress"`],
    ["it is a property of every object", { keyword: "constructor" }, `is no keyword of a block here: "constructor"`],
    ["it lacks its name", { keyword: "vrrp_instance" }, "must be named: 'vrrp_instance' has no name"],
    ["it has a name it does not take", { keyword: "global_defs", name: "x" }, "must not be named: 'global_defs' got"],
    [
      "its name needs quotes",
      { keyword: "vrrp_instance", name: "v 4" },
      `must be named by letters, digits, "-", "_" and ".", got "v 4"`,
    ],
    [
      "its name starts a line",
      { keyword: "vrrp_script", name: "a\n}" },
      `must be named by letters, digits, "-", "_" and ".", got "a\\n}"`,
    ],
  ])("fails when %s", (_, block, message) => {
    expect(() => print(block)).toThrow(`'blocks[0]' ${message}`);
  });

  test.each([
    ["authentication, which VRRPv3 has not", "authentication"],
    ["a keyword of the global block", "vrrp_version"],
    ["an include", "include"],
    ["a misspelt keyword", "priorty"],
  ])("fails when it holds %s", (_, keyword) => {
    expect(() => print({ keyword: "vrrp_instance", name: "v4", entries: [[keyword, "x"]] })).toThrow(
      `'blocks[0].entries[0][0]' is no keyword of this block: "${keyword}"`,
    );
  });

  test("fails when an extra line is wrong", () => {
    const wrong: KeepalivedLine[] = [
      ["priorty", "2"],
      ["interface", "x".repeat(1_100)],
    ];
    expect(() =>
      print({ keyword: "vrrp_instance", name: "v4", entries: [], extra: wrong } as never),
    ).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: 'blocks[0].extra[0][0]' is no keyword of this block: "priorty", similar keywords: priority [DNSLB802]
      'blocks[0].extra[1]' must be at most 1022 bytes on a line, got 1112 in "  interface xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." [DNSLB806]]
    `);
  });

  test("fails when several things are wrong, with all of them", () => {
    expect(() =>
      print(
        { keyword: "vrrp_instance", name: "v4", entries: [["priorty", "2\n"], { keyword: "group", entries: [] }] },
        { keyword: "vrrp_script" },
      ),
    ).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: 'blocks[0].entries[0][0]' is no keyword of this block: "priorty", similar keywords: priority [DNSLB802]
      'blocks[0].entries[0][1]' must hold no control character, got U+000A as character 2, remove it [DNSLB801]
      'blocks[0].entries[1]' is no keyword of a block here: "group" [DNSLB802]
      'blocks[1]' must be named: 'vrrp_script' has no name [DNSLB804]]
    `);
  });
});
