import { describe, expect, test } from "vitest";
import {
  type Directive,
  type HaproxyFile,
  type HaproxySection,
  parseHaproxy,
  printDirective,
  printHaproxy,
} from "../../../lib/config/haproxy/index.js";
import { UNPRINTABLE } from "../nasty.js";

const inBackend = (...directive: string[]): HaproxyFile => ({
  sections: [{ kind: "backend", name: "dns", directives: [directive as unknown as Directive] }],
});

describe("a directive", () => {
  const vectors: [Directive, string][] = [
    [["mode", "tcp"], "mode tcp"],
    [["nbthread", "2"], "nbthread 2"],
    [["timeout", "client-fin", "2s"], "timeout client-fin 2s"],
    [["hard-stop-after", "10m"], "hard-stop-after 10m"],
    [["default-path", "config"], "default-path config"],
    [["no", "option", "http-keep-alive"], "no option http-keep-alive"],
    [["log", "stdout", "format", "raw", "daemon", "notice"], "log stdout format raw daemon notice"],
    [["bind", "10.0.0.53:53", "transparent"], "bind 10.0.0.53:53 transparent"],
    [["bind", "[2001:db8::53]:53", "transparent"], "bind [2001:db8::53]:53 transparent"],
    [["bind", ":853", "ssl", "crt", "tls/dot.pem", "alpn", "dot"], "bind :853 ssl crt tls/dot.pem alpn dot"],
    [
      ["http-request", "return", "status", "200", "if", "{", "path", "/alive", "}"],
      "http-request return status 200 if { path /alive }",
    ],
    [
      [
        "tcp-request",
        "connection",
        "reject",
        "if",
        "{",
        "sc0_conn_rate",
        "gt",
        "50",
        "}",
        "||",
        "!{",
        "src",
        "::1",
        "}",
      ],
      "tcp-request connection reject if { sc0_conn_rate gt 50 } || !{ src ::1 }",
    ],
    [
      ["tcp-check", "expect", "min-recv", "6", "rbinary", "^....ABCD8[0-7][0-9A-F]0"],
      "tcp-check expect min-recv 6 rbinary ^....ABCD8[0-7][0-9A-F]0",
    ],
    [["log-format", "%ci:%cp [%t] %ft"], 'log-format "%ci:%cp [%t] %ft"'],
    [["user", "ops", "insecure-password", "plain"], "user ops insecure-password plain"],
    [["user", "ops", "insecure-password", "p4$$w0rd"], "user ops insecure-password p4$$w0rd"],
    [["user", "ops", "insecure-password", `\${HOME}`], `user ops insecure-password \${HOME}`],
    [["user", "ops", "insecure-password", `a \${HOME}`], `user ops insecure-password 'a \${HOME}'`],
    [["user", "ops", "insecure-password", "a b"], 'user ops insecure-password "a b"'],
    [["user", "ops", "insecure-password", "#1"], 'user ops insecure-password "#1"'],
    [["user", "ops", "insecure-password", "it's"], `user ops insecure-password "it's"`],
    [["user", "ops", "insecure-password", 'say "hi"'], `user ops insecure-password 'say "hi"'`],
    [["user", "ops", "insecure-password", "\\n"], "user ops insecure-password '\\n'"],
    [["user", "ops", "insecure-password", `'"\\$`], `user ops insecure-password "'\\"\\\\\\$"`],
    [["description", "größe"], 'description "größe"'],
    [["description", "no\u00a0break"], 'description "no\u00a0break"'],
  ];

  test.each(vectors)("%j is printed %s", (directive, line) => {
    expect(printDirective(directive)).toBe(line);
    expect(printHaproxy(inBackend(...directive))).toBe(`backend dns\n  ${line}\n`);
  });
});

describe("a file", () => {
  const file: HaproxyFile = {
    sections: [
      { kind: "global", directives: [["maxconn", "4000"]] },
      { kind: "defaults", directives: [["mode", "tcp"]] },
      { kind: "defaults", name: "web", directives: [["mode", "http"]] },
      { kind: "frontend", name: "dns-tcp", directives: [["default_backend", "dns"]] },
      { kind: "backend", name: "a.b:c_d-1", directives: [] },
    ],
  };

  test("has a blank line between sections and a newline at its end", () => {
    expect(printHaproxy(file)).toMatchInlineSnapshot(`
      "global
        maxconn 4000

      defaults
        mode tcp

      defaults web
        mode http

      frontend dns-tcp
        default_backend dns

      backend a.b:c_d-1
      "
    `);
  });

  test("prints to the same bytes each time", () => {
    expect(printHaproxy(structuredClone(file))).toBe(printHaproxy(file));
  });

  test("is empty without sections", () => {
    expect(printHaproxy({ sections: [] })).toBe("");
  });

  test("marks extra directives, which come last, and is read back with them", () => {
    const directives: Directive[] = [["maxconn", "4000"]];
    const extra: Directive[] = [
      ["description", "# end of extra"],
      ["tune.bufsize", "32768"],
    ];
    const text = printHaproxy({ sections: [{ kind: "global", directives, extra }] });
    expect(text).toMatchInlineSnapshot(`
      "global
        maxconn 4000
        # extra, not known to cdktf-dns-lb:
        description "# end of extra"
        tune.bufsize 32768
        # end of extra
      "
    `);
    expect(parseHaproxy(text)).toEqual({ sections: [{ kind: "global", directives: [...directives, ...extra] }] });
    expect(printHaproxy({ sections: [{ kind: "global", directives, extra: [] }] })).toBe("global\n  maxconn 4000\n");
  });

  test("fails when an extra directive is none", () => {
    const extra = [["tune.buffsize", "1\n"]] as unknown as Directive[];
    expect(() =>
      printHaproxy({ sections: [{ kind: "global", directives: [], extra }] }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: 'sections[0].extra[0][0]' is no keyword of haproxy.cfg: "tune.buffsize", similar keywords: tune.buffers.reserve, tune.bufsize, tune.comp.maxlevel, tune.fd.edge-triggered, tune.idle-pool.shared [DNSLB802]
      'sections[0].extra[0][1]' must hold no control character, got U+000A as character 2, remove it [DNSLB801]]
    `);
  });
});

describe("a word that HAProxy cannot be given", () => {
  test.each(UNPRINTABLE)("fails when it holds %s", (_, word, name) => {
    expect(() => printHaproxy(inBackend("description", word))).toThrow(
      `'sections[0].directives[0][1]' must hold no control character, got ${name} as character 2, remove it`,
    );
  });

  test("fails when it is empty", () => {
    expect(() => printHaproxy(inBackend("description", ""))).toThrowErrorMatchingInlineSnapshot(
      `[UnscopedValidationError: 'sections[0].directives[0][1]' must not be empty: HAProxy ends the line's arguments at an empty word [DNSLB803]]`,
    );
  });

  test("fails when it is the 65th of its line", () => {
    const words = Array.from({ length: 64 }, (_, at) => `w${at}`);
    expect(() => printHaproxy(inBackend("description", ...words))).toThrowErrorMatchingInlineSnapshot(
      `[UnscopedValidationError: 'sections[0].directives[0][64]' is one word too many: HAProxy takes 64 on a line, got 65 [DNSLB806]]`,
    );
    expect(printHaproxy(inBackend("description", ...words.slice(1)))).toContain("w63\n");
  });

  test("fails when it is a keyword off the list", () => {
    expect(() => printHaproxy(inBackend("servr", "a", "192.0.2.1:53"))).toThrowErrorMatchingInlineSnapshot(
      `[UnscopedValidationError: 'sections[0].directives[0][0]' is no keyword of haproxy.cfg: "servr", similar keywords: server-state-base, server-state-file, server, server-state-file-name, server-template [DNSLB802]]`,
    );
  });

  test.each(["backend", "global", ".if", "[scope]", "setenv", ""])(
    "fails when it is %j in place of a keyword",
    (word) => {
      expect(() => printHaproxy(inBackend(word, "x"))).toThrow("is no keyword of haproxy.cfg");
    },
  );
});

describe("a section that HAProxy cannot be given", () => {
  const print = (section: { kind: string; name?: string }) =>
    printHaproxy({ sections: [{ directives: [], ...section } as HaproxySection] });

  test.each([
    ["a kind is unknown", { kind: "program", name: "x" }, "'sections[0].name' is no keyword of haproxy.cfg's sections"],
    ["a backend has no name", { kind: "backend" }, "must be given: 'backend' has no name"],
    ["a userlist has no name", { kind: "userlist" }, "must be given: 'userlist' has no name"],
    ["global has a name", { kind: "global", name: "x" }, `must be left out of 'global', got "x"`],
    [
      "a name has a space",
      { kind: "backend", name: "a b" },
      `must be letters, digits, "-", "_", "." and ":", got "a b"`,
    ],
    ["a name starts a line", { kind: "backend", name: "a\nglobal" }, `and ":", got "a\\nglobal"`],
    ["a name is empty", { kind: "backend", name: "" }, `and ":", got ""`],
  ])("fails when %s", (_, section, message) => {
    expect(() => print(section)).toThrow(message);
  });

  test("fails when several things are wrong, with all of them", () => {
    expect(() =>
      printHaproxy({
        sections: [
          { kind: "backend", directives: [["mode", "a\nb"]] },
          { kind: "global", name: "x", directives: [["mode", ""]] },
        ],
      }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [UnscopedValidationError: 'sections[0].directives[0][1]' must hold no control character, got U+000A as character 2, remove it [DNSLB801]
      'sections[0].name' must be given: 'backend' has no name [DNSLB804]
      'sections[1].directives[0][1]' must not be empty: HAProxy ends the line's arguments at an empty word [DNSLB803]
      'sections[1].name' must be left out of 'global', got "x" [DNSLB804]]
    `);
  });
});
