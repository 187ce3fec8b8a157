import { join } from "node:path";
import { expect } from "vitest";
import { parseUnbound, printUnbound, type UnboundFile } from "../../../lib/config/unbound/index.js";
import { NASTY } from "../../config/nasty.js";
import { run, runIsolated, testWith, withFiles } from "./daemon.js";

/** Everything that a resolver behind a load balancer may be told. */
const SAMPLE: UnboundFile = {
  clauses: [
    {
      kind: "server",
      attributes: [
        ["directory", "/tmp"],
        ["chroot", ""],
        ["username", ""],
        ["pidfile", ""],
        ["use-syslog", "no"],
        ["logfile", ""],
        ["interface", "127.0.0.1@5300"],
        ["interface", "::1@5353"],
        ["do-not-query-localhost", "no"],
        ["proxy-protocol-port", "5353"],
        ["access-control", "127.0.0.0/8", "allow"],
        ["access-control", "2001:db8::/32", "allow"],
        ["num-threads", "1"],
        ["so-reuseport", "yes"],
        ["msg-cache-size", "16m"],
        ["rrset-cache-size", "32m"],
        ["prefetch", "yes"],
        ["serve-expired", "yes"],
        ["hide-identity", "no"],
        ["identity", `resolver "1" # first`],
        ["module-config", "iterator"],
        ["local-zone", "dns-lb.test.", "static"],
        ["local-data", "health.dns-lb.test. 0 IN A 127.0.0.1"],
        ["local-data", 'txt.dns-lb.test. 0 IN TXT "some # text" "say \\"hi\\""'],
        ["domain-insecure", "internal.test."],
      ],
    },
    {
      kind: "remote-control",
      attributes: [
        ["control-enable", "yes"],
        ["control-interface", "127.0.0.1"],
        ["control-use-cert", "no"],
      ],
    },
    {
      kind: "stub-zone",
      attributes: [
        ["name", "internal.test"],
        ["stub-addr", "127.0.0.1@5301"],
        ["stub-no-cache", "yes"],
      ],
    },
    {
      kind: "forward-zone",
      attributes: [
        ["name", "."],
        ["forward-addr", "9.9.9.9@853#dns.quad9.net"],
        ["forward-tls-upstream", "yes"],
      ],
    },
  ],
};

const testUnbound = testWith("unbound", "unbound-checkconf", "unshare", "dig");

const check = (text: string, ...options: string[]) =>
  withFiles({ "unbound.conf": text }, (directory) =>
    run("unbound-checkconf", ...options, join(directory, "unbound.conf")),
  );

testUnbound("unbound takes everything that a resolver may be told, with its one word of praise", async () => {
  const { status, output } = await check(printUnbound(SAMPLE));
  expect(output).toMatch(/^unbound-checkconf: no errors in \S+\n$/);
  expect(status).toBe(0);
  expect(parseUnbound(printUnbound(SAMPLE))).toEqual(SAMPLE);
});

testUnbound("fails when unbound does not know a value", async () => {
  const { status, output } = await check(printUnbound(SAMPLE).replace("prefetch: yes", "prefetch: maybe"));
  expect(status).not.toBe(0);
  expect(output).toContain("expected yes or no");
});

testUnbound("unbound answers with the text of a TXT record, quotes and all", async () => {
  const { output } = await withFiles({ "unbound.conf": printUnbound(SAMPLE) }, (directory) =>
    runIsolated(
      [
        `unbound -d -p -c ${directory}/unbound.conf 2>${directory}/log & daemon=$!`,
        "ask() { dig +short +tries=1 +time=1 -p 5300 @127.0.0.1 $@; }",
        "for try in 1 2 3 4 5 6 7 8 9; do ask health.dns-lb.test >/dev/null && break; sleep 0.2; done",
        "ask txt.dns-lb.test TXT; ask id.server CH TXT",
        `kill $daemon; wait $daemon; grep -i error ${directory}/log`,
      ].join("\n"),
    ),
  );
  expect(output).toBe('"some # text" "say \\"hi\\""\n"resolver \\"1\\" # first"\n');
});

testUnbound("unbound sees each nasty value as it was given", async () => {
  const writable = (word: string) => /^(?:[^"\\]|\\.)*$/u.test(word) || /^(?:[^'\\]|\\.)*$/u.test(word);
  for (const value of NASTY.filter(writable)) {
    const text = printUnbound({
      clauses: [
        {
          kind: "server",
          attributes: [
            ["identity", value],
            ["version", "after"],
          ],
        },
      ],
    });
    expect(await check(text, "-o", "identity"), text).toEqual({ status: 0, output: `${value}\n` });
    expect(await check(text, "-o", "version"), text).toEqual({ status: 0, output: "after\n" });
  }
});
