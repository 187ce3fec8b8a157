import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serverCertificateProblems } from "../../../lib/core/certificate.js";
import type { TlsListener } from "../../../lib/model/manifest.js";
import { CLIENTS, pemOf, SERVERS, testCertificate } from "../../certificates.js";
import { FakeNode, manifest } from "./fake-node.js";

let node: FakeNode;
beforeEach(() => {
  node = new FakeNode();
});
afterEach(() => node.close());

const DAY = 86_400_000;
const inDays = (days: number) => new Date(Math.floor(Date.now() / 1_000) * 1_000 + days * DAY);
const LONG = { from: inDays(-1), to: inDays(800) };
const authority = testCertificate({ subject: "CA", ca: true, ...LONG, to: inDays(20_000) });
const issuer = testCertificate({ subject: "Issuer", ca: true, issuer: authority, ...LONG });
const names = ["dns.example.com", "*.dot.example.com"];
const leaf = testCertificate({ subject: "dns", issuer, names, purposes: [SERVERS], ...LONG });
const client = testCertificate({ subject: "client", purposes: [CLIENTS], ...LONG });
const first = testCertificate({ subject: "first", version1: true, ...LONG });

const DOT: TlsListener = { name: "dot", service: "haproxy", certificate: "secrets/dot.pem" };
const bundle = (pem: string, more: Partial<TlsListener> = {}, files = {}) =>
  node.bundle(manifest({ tls: [{ ...DOT, ...more }], compose: [{ kind: "release-metric", path: "metrics" }] }), {
    "secrets/dot.pem": pem,
    ...files,
  });
const validate = (pem: string, serverName?: string) =>
  node.agent("validate", bundle(pem, serverName === undefined ? {} : { serverName }));

describe("a certificate on a node", () => {
  test.each([
    ["in order", leaf.pem + issuer.pem + leaf.keyPem, "a.dot.example.com"],
    [
      "with the root, and the line ends of Windows",
      (leaf.keyPem + leaf.pem + issuer.pem + authority.pem).replace(/\n/g, "\r\n"),
      "DNS.example.com.",
    ],
    ["of the first version", first.pem + first.keyPem, undefined],
    ["in another order", leaf.pem + authority.pem + issuer.pem + leaf.keyPem, undefined],
    ["with a stranger", leaf.pem + issuer.pem + client.pem + leaf.keyPem, undefined],
    ["for other names", leaf.pem + leaf.keyPem, "b.a.dot.example.com"],
    ["for the name below its own", leaf.pem + leaf.keyPem, "dot.example.com"],
    ["without names", first.pem + first.keyPem, "first"],
    ["for clients", client.pem + client.keyPem, undefined],
    ["without its key", leaf.pem, undefined],
    ["with two keys", leaf.pem + leaf.keyPem + client.keyPem, undefined],
    ["with an encrypted key", leaf.pem + pemOf("ENCRYPTED PRIVATE KEY", Buffer.from("secret")), undefined],
    ["that cannot be read", pemOf("CERTIFICATE", Buffer.from("secret")) + leaf.keyPem, undefined],
    ["that is a key alone", leaf.keyPem, undefined],
  ])("is judged as at synthesis: %s", async (name, pem, serverName) => {
    const { status, stderr } = await validate(pem, serverName);
    expect(status === 0, stderr).toBe(serverCertificateProblems(pem, serverName).length === 0);
    expect(stderr).toMatchSnapshot(name);
    for (const line of leaf.keyPem.split("\n").filter((each) => each.length > 40)) expect(stderr).not.toContain(line);
  });

  test("is judged beside others of its listener, and the listener is valid as long as all of them", async () => {
    const second = testCertificate({ subject: "second", from: inDays(-365), to: inDays(6) });
    const more = (pem: string) =>
      bundle(
        leaf.pem + issuer.pem + leaf.keyPem,
        { moreCertificates: ["secrets/dot/2.pem"], serverName: "dns.example.com" },
        { "secrets/dot/2.pem": pem },
      );
    const { status, stderr } = await node.agent("apply", more(second.pem + second.keyPem));
    expect(status, stderr).toBe(0);
    expect(stderr).toContain("the certificate of dot is OVERDUE");
    const refused = await node.agent("validate", more(second.pem));
    expect(refused.stderr).toContain("secrets/dot/2.pem: there are 0 private keys in it, and one is needed");
    expect(refused.status).not.toBe(0);
  });

  test("property: bytes that are cut or changed are refused or read, and never end the agent otherwise", async () => {
    const der = Buffer.from(leaf.pem.replace(/-----.*-----|\n/g, ""), "base64");
    const change = fc.record({ at: fc.nat(der.length - 1), value: fc.nat(255), length: fc.nat(der.length) });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, value, length }) => {
        const changed = Buffer.from(der);
        changed[at] = value;
        const { stderr } = await validate(pemOf("CERTIFICATE", changed.subarray(0, length)) + leaf.keyPem);
        expect(stderr).not.toMatch(/Traceback/);
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    [-400, 365, "valid", /^$/],
    [-365, 20, "renew", /^warning: the certificate of dot is to be renewed: it ends at /m],
    [-365, 6, "overdue", /^WARNING: the certificate of dot is OVERDUE /m],
    [-365, -1, "expired", /^WARNING: the certificate of dot has EXPIRED at /m],
    [1, 365, "not yet valid", /^WARNING: the certificate of dot is NOT YET VALID: /m],
    [-1, 0.2, "renew", /^warning: /m],
    [-1, 0.05, "overdue", /^WARNING: /m],
  ] as const)("from day %d to day %d is %s, which stops no change", async (from, to, state, warning) => {
    const own = testCertificate({ subject: "own", from: inDays(from), to: inDays(to) });
    const trust = testCertificate({ subject: "old CA", ca: true, from: inDays(-10), to: inDays(-5) });
    const clients = { trust: "secrets/trust.pem", mode: "optional" } as const;
    const outcome = await node.agent(
      "apply",
      bundle(own.pem + own.keyPem, { clients }, { "secrets/trust.pem": trust.pem }),
    );
    expect(outcome.status, outcome.stderr).toBe(0);
    const words = outcome.stderr
      .split("\n")
      .filter((line) => !/authorities of the clients of dot has EXPIRED/.test(line));
    expect(words).not.toEqual(outcome.stderr.split("\n"));
    expect(words.filter((line) => /warning/i.test(line)).join("\n")).toMatch(warning);

    const shown = JSON.parse((await node.agent("status", "--json")).stdout);
    const iso = (days: number) => inDays(days).toISOString().slice(0, 10);
    expect(shown.certificates).toMatchObject([
      { listener: "dot", use: "server", state, notBefore: expect.stringContaining(iso(from)) },
      { listener: "dot", use: "clients", state: "expired", notAfter: expect.stringContaining(iso(-5)) },
    ]);
    expect((await node.agent("status")).stdout).toMatch(state === "valid" ? /^dot: certificate until /m : warning);
    const metrics = readFileSync(join(node.state, "current/metrics"), "utf8");
    expect(metrics).toMatch(/^dns_lb_certificate_not_after_seconds\{listener="dot",use="server"\} \d+$/m);
    expect(metrics.match(/^# HELP /gm)).toHaveLength(3);
  });
});
