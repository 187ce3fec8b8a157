import { join } from "node:path";
import { expect } from "vitest";
import { type NsdFile, parseNsd, printNsd } from "../../../lib/config/nsd/index.js";
import { NASTY } from "../../config/nasty.js";
import { run, testWith, withFiles } from "./daemon.js";

/** Everything that an authoritative server behind a load balancer may be told. */
const SAMPLE: NsdFile = {
  clauses: [
    {
      kind: "server",
      attributes: [
        ["server-count", "1"],
        ["ip-address", "192.168.1.20@53"],
        ["ip-address", "2001:db8::20"],
        ["ip-transparent", "yes"],
        ["hide-version", "yes"],
        ["identity", "it's #1"],
        ["database", ""],
        ["username", ""],
        ["chroot", ""],
        ["zonesdir", "/tmp"],
        ["xfrdir", "/tmp"],
        ["xfrdfile", "/tmp/xfrd.state"],
        ["zonelistfile", "/tmp/zone.list"],
        ["pidfile", ""],
        ["logfile", ""],
        ["rrl-ratelimit", "0"],
        ["tcp-count", "200"],
        ["refuse-any", "yes"],
      ],
    },
    { kind: "remote-control", attributes: [["control-enable", "no"]] },
    {
      kind: "key",
      attributes: [
        ["name", "transfer.example"],
        ["algorithm", "hmac-sha256"],
        ["secret", "K2tf3TRjvQkVCmJF3/Z9vA=="],
      ],
    },
    {
      kind: "tls-auth",
      attributes: [
        ["name", "primary"],
        ["auth-domain-name", "primary.example"],
      ],
    },
    {
      kind: "pattern",
      attributes: [
        ["name", "secondary"],
        ["zonefile", "%s.zone"],
        ["allow-notify", "192.168.1.10", "NOKEY"],
        ["request-xfr", "192.168.1.10", "transfer.example"],
        ["request-xfr", "AXFR", "192.168.1.11@53", "NOKEY"],
        ["request-xfr", "AXFR", "192.168.1.12", "transfer.example", "primary"],
        ["allow-axfr-fallback", "yes"],
      ],
    },
    {
      kind: "zone",
      attributes: [
        ["name", "example.com"],
        ["include-pattern", "secondary"],
        ["notify", "192.168.1.21", "transfer.example"],
        ["provide-xfr", "198.51.100.0/24", "NOKEY"],
        ["provide-xfr", "0.0.0.0/0", "BLOCKED"],
      ],
    },
  ],
};

const testNsd = testWith("nsd-checkconf");

const check = (text: string, ...options: string[]) =>
  withFiles({ "nsd.conf": text }, (directory) => run("nsd-checkconf", ...options, join(directory, "nsd.conf")));

testNsd("nsd takes everything that a server may be told, without a word", async () => {
  expect(await check(printNsd(SAMPLE))).toEqual({ status: 0, output: "" });
  expect(parseNsd(printNsd(SAMPLE))).toEqual(SAMPLE);
});

testNsd("fails when nsd does not know a value", async () => {
  const { status, output } = await check(printNsd(SAMPLE).replace("hide-version: yes", "hide-version: maybe"));
  expect(status).not.toBe(0);
  expect(output).toContain("expected yes or no");
});

testNsd("nsd sees AXFR before an address as the way to transfer, elsewhere as a value", async () => {
  const text = printNsd(SAMPLE);
  expect((await check(text, "-s", "transfer.example")).output).toBe("K2tf3TRjvQkVCmJF3/Z9vA==\n");
  expect((await check(text, "-v")).output).toContain("request-xfr: AXFR 192.168.1.11@53 NOKEY\n");
});

testNsd("nsd sees each nasty value as it was given", async () => {
  for (const value of NASTY.filter((word) => /^(?:[^"\\]|\\.)*$/u.test(word))) {
    const text = printNsd({
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
