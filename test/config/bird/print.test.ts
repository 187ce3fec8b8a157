import { describe, expect, test } from "vitest";
import {
  type BirdExpression,
  type BirdFile,
  type BirdLine,
  type BirdStatement,
  printBird,
  printBirdExpression,
  printBirdLine,
} from "../../../lib/config/bird/index.js";
import { UNPRINTABLE } from "../nasty.js";
import { SAMPLE } from "./sample.js";

const print = (...statements: unknown[]) => printBird({ statements: statements as BirdStatement[] });
const session = (...entries: unknown[]) => ({ keyword: "protocol bgp", name: "r1", entries });
const a = { name: "A" };
const b = { name: "B" };

describe("a line", () => {
  test.each<[BirdLine, string]>([
    [["router id", "10.0.0.2"], "router id 10.0.0.2;"],
    [["log", "stderr", "all"], "log stderr all;"],
    [["include", { text: "/etc/a b/secrets.conf" }], 'include "/etc/a b/secrets.conf";'],
    [["timeformat", "protocol", "iso", "long", "ms"], "timeformat protocol iso long ms;"],
  ])("%j is printed %s", (line, text) => {
    expect(printBirdLine(line)).toBe(text);
    expect(print(line)).toBe(`${text}\n`);
  });

  test.each<[BirdLine, string]>([
    [["local", "10.0.0.2", "as", "64512"], "local 10.0.0.2 as 64512;"],
    [["neighbor", "2001:db8::1", "port", "1179", "as", "4200000000"], "neighbor 2001:db8::1 port 1179 as 4200000000;"],
    [["password", "MD5_R1"], "password MD5_R1;"],
    [["authentication", "md5"], "authentication md5;"],
    [["error wait time", "1", "5"], "error wait time 1, 5;"],
    [["multihop"], "multihop;"],
    [["multihop", "3"], "multihop 3;"],
    [["bfd", "on"], "bfd on;"],
    [["graceful restart", "aware"], "graceful restart aware;"],
    [["interface", { text: "eth0" }], 'interface "eth0";'],
    [["description", { text: "it's # {mine};" }], `description "it's # {mine};";`],
  ])("of a session, %j is printed %s", (line, text) => {
    expect(printBirdLine(line)).toBe(text);
    expect(print(session(line))).toBe(`protocol bgp r1 {\n  ${text}\n}\n`);
  });
});

describe("an expression", () => {
  const compared: BirdExpression = { left: a, operator: "=", right: b };
  test.each<[BirdExpression, string]>([
    [{ number: 4_294_967_295 }, "4294967295"],
    [{ text: "a b" }, '"a b"'],
    [{ prefix: "::/0" }, "::/0"],
    [{ prefixes: ["10.0.0.0/8+", "192.168.0.0/16{24,32}"] }, "[ 10.0.0.0/8+, 192.168.0.0/16{24,32} ]"],
    [{ community: [{ number: 65_535 }, { number: 0 }] }, "(65535, 0)"],
    [{ community: [{ number: 4_200_000_000 }, { number: 1 }, a] }, "(4200000000, 1, A)"],
    [compared, "A = B"],
    [{ not: compared }, "!(A = B)"],
    [{ all: [compared, b] }, "A = B && B"],
    [{ any: [{ all: [a, b] }, { not: a }] }, "(A && B) || !(A)"],
    [{ all: [{ all: [a, b] }, a] }, "(A && B) && A"],
    [{ left: compared, operator: "!=", right: { any: [a, b] } }, "(A = B) != (A || B)"],
  ])("%j is printed %s", (expression, text) => {
    expect(printBirdExpression(expression)).toBe(text);
    expect(print({ define: "X", value: expression })).toBe(`define X = ${text};\n`);
  });
});

describe("a file", () => {
  test("has a blank line around blocks and filters, and a newline at its end", () => {
    expect(printBird(SAMPLE)).toMatchInlineSnapshot(`
      "log stderr all;
      router id 10.0.0.2;
      timeformat protocol iso long ms;
      include "secrets.conf";
      include "cost.conf";
      define SERVICE4 = [ 203.0.113.53/32 ];
      define SERVICE6 = [ 2001:db8:113::53/128 ];
      define WITHIN = [ 10.0.0.0/8+, 172.16.0.0/12-, 192.168.0.0/16{24,32} ];
      define PLACE = "it's # a {text} /* of */ \`one\` line; $HOME \\";

      filter announce {
        if !(net.type = NET_IP4 && net ~ SERVICE4) && !(net.type = NET_IP6 && net ~ SERVICE6) then reject;
        if source != RTS_DEVICE then reject;
        if COST >= 9 then reject;
        bgp_community.add((64512, COST));
        bgp_large_community.add((4200000000, 1, COST));
        if COST > 0 then bgp_path.prepend(64512);
        if DRAIN = 1 then {
          bgp_community.add((65535, 0));
        } else {
          bgp_community.delete((65535, 0));
        }
        accept;
      }

      filter hear {
        if (net.type = NET_IP4 && net ~ SERVICE4) || (net.type = NET_IP6 && net ~ SERVICE6) then {
          if (65535, 0) ~ bgp_community then bgp_local_pref = 0;
          accept;
        }
        reject;
      }

      filter install {
        if source != RTS_BGP then reject;
        krt_prefsrc = 10.0.0.2;
        accept;
      }

      protocol device {
        scan time 10;
      }

      protocol direct service {
        interface "lo";
        ipv4 {
          import where net ~ SERVICE4;
        };
        ipv6 {
          import where net ~ SERVICE6;
        };
      }

      protocol static {
        ipv4;
        route 198.51.100.0/24 unreachable;
      }

      protocol kernel k4 {
        persist;
        merge paths on limit 8;
        ipv4 {
          import none;
          export filter install;
        };
      }

      protocol kernel k6 {
        persist;
        merge paths on limit 8;
        ipv6 {
          import none;
          export where source = RTS_BGP;
        };
      }

      protocol bfd {
        interface "eth0" {
          min rx interval 300 ms;
          min tx interval 300 ms;
          idle tx interval 1 s;
          multiplier 3;
        };
        multihop {
          interval 300 ms;
        };
      }

      template bgp upstream {
        strict bind yes;
        ttl security on;
        hold time 9;
        keepalive time 3;
        connect retry time 2;
        connect delay time 1;
        error wait time 1, 5;
        graceful restart off;
        long lived graceful restart off;
        bfd on;
      }

      protocol bgp r1v4 from upstream {
        local 10.0.0.2 as 64512;
        neighbor 10.0.0.1 as 64500;
        password MD5_R1;
        ipv4 {
          import where net = 0.0.0.0/0;
          import limit 2 action block;
          export filter announce;
          next hop self;
        };
      }

      protocol bgp r1v6 from upstream {
        local 2001:db8::2 as 64512;
        neighbor 2001:db8::1 as 64500;
        password MD5_R1;
        ipv6 {
          import where net = ::/0;
          import limit 2 action block;
          export filter announce;
          next hop self;
        };
      }

      protocol bgp far {
        local as 64512;
        neighbor 198.51.100.1 port 1179 as 4200000001;
        source address 10.0.0.2;
        multihop 3;
        strict bind no;
        bfd {
          interval 300 ms;
        };
        ipv4 {
          import filter hear;
          export all;
        };
      }
      "
    `);
  });

  test("prints to the same bytes each time", () => {
    expect(printBird(structuredClone(SAMPLE))).toBe(printBird(SAMPLE));
  });

  test("has the conditions of a filter in braces where an else could go astray", () => {
    const inner = { if: b, do: ["accept"] };
    expect(
      print({
        filter: "f",
        statements: [
          { if: a, do: [inner], else: ["reject"] },
          { if: a, do: [inner] },
        ],
      }),
    ).toMatchInlineSnapshot(`
      "filter f {
        if A then {
          if B then accept;
        } else {
          reject;
        }
        if A then {
          if B then accept;
        }
      }
      "
    `);
  });
});

describe("a text that BIRD cannot be given", () => {
  const describe_ = (text: string): BirdFile => ({
    statements: [{ keyword: "protocol device", entries: [["description", { text }]] }],
  });

  test.each(UNPRINTABLE)("fails when it holds %s", (_, text, name) => {
    const refused = `must hold no control character, got ${name} as character 2, remove it`;
    expect(() => printBird(describe_(text))).toThrow(`'statements[0].entries[0][1].text' ${refused}`);
    expect(() => print({ define: "X", value: { text } })).toThrow(`'statements[0].value.text' ${refused}`);
  });

  test("fails when it holds a quote, and is not repeated", () => {
    const attempt = () => print({ define: "MD5_R1", value: { text: 's3cret"; router id 1.2.3.4; #' } });
    expect(attempt).toThrow("'statements[0].value.text' must hold no \", which BIRD cannot quote");
    expect(attempt).not.toThrow("s3cret");
  });

  test("fails when it is empty, or longer than BIRD's buffer", () => {
    expect(printBird(describe_("x".repeat(4_095)))).toContain("xxx");
    expect(() => printBird(describe_("x".repeat(4_096)))).toThrow("must be at most 4095 bytes long, got 4096");
    expect(() => printBird(describe_("ü".repeat(2_048)))).toThrow("got 4096");
    expect(() => printBird(describe_(""))).toThrow("must not be empty");
  });
});

describe("a statement that BIRD cannot be given", () => {
  test.each([
    ["its option is unknown", ["routr id", "10.0.0.1"], `'statements[0][0]' is no keyword of this block: "routr id"`],
    ["its option belongs elsewhere", ["hold time", "9"], "'statements[0][0]' is no keyword of this block"],
    ["its option is a property of every object", ["constructor"], "'statements[0][0]' is no keyword of this block"],
    [
      "its word ends the statement",
      ["log", "stderr", "all; x"],
      "'statements[0]' must give 'log' \"stderr|syslog all\"",
    ],
    ["its router id is of IPv6", ["router id", "::1"], "'statements[0]' must give 'router id' \"IPV4\", got \"::1\""],
    ["its value is missing", ["router id"], "'statements[0]' must give 'router id' \"IPV4\", got \"\""],
    [
      "it includes many files",
      ["include", { text: "/etc/*.conf" }],
      "'statements[0][1].text' must be the path of one file",
    ],
    [
      "its block is unknown",
      { keyword: "protocol ospf", entries: [] },
      "'statements[0]' is no keyword of a block here",
    ],
    ["its block belongs elsewhere", { keyword: "ipv4", entries: [] }, "'statements[0]' is no keyword of a block here"],
    [
      "its name is a word of BIRD",
      { define: "router", value: a },
      "'statements[0].define' must not be a word of BIRD's own",
    ],
    [
      "its name may be a constant",
      { define: "RTS_MINE", value: a },
      "'statements[0].define' must not be a word of BIRD's own",
    ],
    ["its name ends the line", { define: "A = 1; B", value: a }, "'statements[0].define' must be a name of at most 31"],
    [
      "its name is too long",
      { filter: "a".repeat(32), statements: ["accept"] },
      "'statements[0].filter' must be a name",
    ],
    [
      "its number is negative",
      { define: "A", value: { number: -1 } },
      "'statements[0].value.number' must be a whole number",
    ],
    [
      "its network is none",
      { define: "A", value: { prefix: "10.0.0.0" } },
      "'statements[0].value.prefix' must be a network",
    ],
    [
      "its operator is none",
      { define: "A", value: { left: a, operator: "==", right: b } },
      "'statements[0].value.operator' is no",
    ],
    ["one condition is all", { define: "A", value: { all: [a] } }, "'statements[0].value.all' must have at least two"],
    [
      "a name within is a word of BIRD",
      { define: "A", value: { not: { any: [a, { name: "x; y" }] } } },
      "'statements[0].value.not.any[1].name' must be a name",
    ],
    [
      "lengths of a set go backwards",
      { define: "A", value: { prefixes: ["10.0.0.0/8{24,16}"] } },
      "'statements[0].value.prefixes[0]' must end in a prefix length",
    ],
    [
      "its filter calls anything",
      { filter: "f", statements: [{ call: "print", with: a }] },
      "'statements[0].statements[0].call'",
    ],
    ["its filter does nothing", { filter: "f", statements: [] }, "'statements[0].statements' must hold a statement"],
    [
      "a condition does nothing",
      { filter: "f", statements: [{ if: a, do: [] }] },
      "'statements[0].statements[0].do' must hold a statement",
    ],
    [
      "a password stands there",
      session(["password", { text: "x" }]),
      `must give 'password' "NAME", got "a text in quotes"`,
    ],
    ["a template has no name", { keyword: "template bgp", entries: [] }, "'statements[0]' must be named"],
    [
      "a channel has a name",
      session({ keyword: "ipv4", name: "x", entries: [] }),
      "must not be named: 'ipv4' got \"x\"",
    ],
    ["its template is a word of BIRD", { ...session(), from: "router" }, "must not be a word of BIRD's own"],
  ])("fails when %s", (_, statement, message) => {
    expect(() => print(statement)).toThrow(message);
  });

  test("fails when several things are wrong, with all of them", () => {
    expect(() =>
      print(["log", "all"], session(["hold tim", "9"], ["bfd", "perhaps"]), { define: "as", value: { number: 0.5 } }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: 'statements[0]' must give 'log' "stderr|syslog all", got "all" [DNSLB806]
      'statements[1].entries[0][0]' is no keyword of this block: "hold tim", similar keywords: hold time [DNSLB802]
      'statements[1].entries[1]' must give 'bfd' nothing or "on|off|yes|no" or "graceful", got "perhaps" [DNSLB806]
      'statements[2].define' must not be a word of BIRD's own: "as" [DNSLB804]
      'statements[2].value.number' must be a whole number between 0 and 4294967295, got 0.5 [DNSLB803]]
    `);
  });
});
