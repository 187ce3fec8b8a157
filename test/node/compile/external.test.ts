import { decode } from "dns-packet";
import { describe, expect, test } from "vitest";
import { DEBIAN_13, type PlatformProfile } from "../../../lib/model/platform-profile.js";
import type { Pool } from "../../../lib/model/pool.js";
import { compileNode } from "../../../lib/node/compile/index.js";
import { servesName } from "../../../lib/node/compile/names.js";
import { frontend, resolverPool, standalone } from "../../lab/models.js";

const script = "#!/bin/sh\nexit 0\n";
const plain = { name: "r1", address: "192.168.1.10", port: 53, weight: 1 };
const pool: Pool = resolverPool({
  servers: [plain, { ...plain, name: "s1", address: "192.168.1.20", port: 853, tls: { name: "s.test" } }],
  healthCheck: { ...resolverPool().healthCheck, kind: "external", script, interval: "5s", timeout: "2s", fall: 3 },
});
const profile: PlatformProfile = {
  ...{ versions: DEBIAN_13, user: "dns-lb", watchUser: "dns-lb-watch", keepsAddresses: true },
  ...({ name: "docker", log: "stdout" } as const),
  paths: { state: "/var/lib/dns-lb", run: "/run/dns-lb", agent: "/usr/libexec/dns-lb", trustStore: "/trust.pem" },
};
const NODE = { name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" };
const compiled = (changes: Partial<Pool> = {}) => {
  const model = standalone({
    nodes: [NODE],
    frontends: [frontend({ addresses: ["10.0.0.2"], pool: { ...pool, ...changes } })],
  });
  return compileNode(model, NODE, profile);
};
const text = (path: string, changes: Partial<Pool> = {}) =>
  compiled(changes).files.find((file) => file.path === path)?.content ?? "";

describe("a pool that a script judges", () => {
  test("brings the script into the release, to be checked before it is live", () => {
    const { files, manifest } = compiled();
    expect(files).toContainEqual({ path: "scripts/resolvers", content: script });
    expect(manifest.watch.scripts).toEqual([
      { pool: "resolvers", path: "scripts/resolvers", interval: 5_000, timeout: 2_000, fall: 3, rise: 1 },
    ]);
    expect(manifest.services.find(({ name }) => name === "watch")).toMatchObject({
      ...{ user: "dns-lb-watch", startSettings: "scripts" },
      check: ["/usr/libexec/dns-lb/dns-lb-agent", "check-scripts", "{release}"],
    });
  });

  test("changes nothing of nodes without scripts", () => {
    const { files, manifest } = compiled({
      healthCheck: resolverPool().healthCheck,
      servers: [plain],
    });
    expect(manifest.watch).not.toHaveProperty("scripts");
    expect(manifest.services.find(({ name }) => name === "watch")).toMatchObject({ check: [] });
    expect(files.filter(({ path }) => path.startsWith("scripts/"))).toEqual([]);
    expect(JSON.stringify(files)).not.toContain("serves.dns-lb.invalid");
  });

  test("has HAProxy ask dnsdist, in the clear, also for servers over TLS", () => {
    const lines = text("haproxy/haproxy.cfg").split("\n");
    const from = lines.indexOf("backend resolvers");
    expect(lines.slice(from, lines.indexOf("", from))).toMatchInlineSnapshot(`
      [
        "backend resolvers",
        "  balance leastconn",
        "  timeout connect 1s",
        "  timeout server 30s",
        "  option tcp-check",
        "  timeout check 500ms",
        "  tcp-check connect addr 127.0.0.1 port 53",
        "  tcp-check set-var(check.server) srv_name,sha1,hex,hex",
        "  tcp-check send-binary-lf 005AABCD0000000100000000000028%[var(check.server)]097265736F6C766572730673657276657306646E732D6C6207696E76616C69640000010001",
        "  tcp-check expect min-recv 92 rbinary ^....ABCD8..000010001",
        "  default-server check inter 1s fastinter 500ms fall 3 rise 1 on-marked-down shutdown-sessions",
        "  server r1 192.168.1.10:53 weight 1",
        "  server s1 192.168.1.20:853 weight 1 ssl verify required ca-file /trust.pem verifyhost s.test sni str(s.test) alpn dot check-ssl check-sni s.test check-alpn dot",
      ]
    `);
    const sent =
      lines
        .find((line) => line.includes("send-binary-lf"))
        ?.split(" ")
        .at(-1) ?? "";
    const label = Buffer.from(servesName(pool, plain).split(".")[0] ?? "").toString("hex");
    const message = Buffer.from(sent.replace("%[var(check.server)]", label), "hex");
    expect(message.readUInt16BE(0)).toBe(message.length - 2);
    expect(decode(message.subarray(2)).questions).toEqual([
      { type: "A", class: "IN", name: servesName(pool, plain).replace(/\.$/, "") },
    ]);
  });

  test("has dnsdist read the verdicts, for UDP and TCP alike, and tell HAProxy", () => {
    const policy = text("dnsdist/policy.lua").split("\n");
    expect(policy.filter((line) => /verdict|serv(es|ing)/.test(line))).toMatchInlineSnapshot(`
      [
        "    { id = "resolvers/r1", pools = { "resolvers", "resolvers:all" }, verdict = { of = "resolvers/r1" }, options = { name = "resolvers/r1", address = "192.168.1.10:53", weight = 1, checkName = "health.example.com.", checkType = "A", mustResolve = false, checkInterval = 5, checkTimeout = 2000, maxCheckFailures = 3, rise = 1, tcpConnectTimeout = 1, tcpRecvTimeout = 30 } },",
        "    { id = "resolvers:tcp/r1", pools = { "resolvers:tcp", "resolvers:tcp:all" }, verdict = { of = "resolvers/r1", asked = "5573e39b6600496d40f493d00ec7658479a19607.resolvers.serves.dns-lb.invalid." }, options = { name = "resolvers:tcp/r1", address = "192.168.1.10:53", weight = 1, checkName = "health.example.com.", checkType = "A", mustResolve = false, checkInterval = 5, checkTimeout = 2000, maxCheckFailures = 3, rise = 1, tcpConnectTimeout = 1, tcpRecvTimeout = 30, tcpOnly = true, checkTCP = true, maxInFlight = 100 } },",
        "    { id = "resolvers/s1", pools = { "resolvers", "resolvers:all", "resolvers:tcp", "resolvers:tcp:all" }, verdict = { of = "resolvers/s1", asked = "640d87e741e6aa4c669a82a4cd304787960513ab.resolvers.serves.dns-lb.invalid." }, options = { name = "resolvers/s1", address = "192.168.1.20:853", weight = 1, checkName = "health.example.com.", checkType = "A", mustResolve = true, checkInterval = 5, checkTimeout = 2000, maxCheckFailures = 3, rise = 1, tcpConnectTimeout = 1, tcpRecvTimeout = 30, tls = "openssl", validateCertificates = true, maxInFlight = 100, subjectName = "s.test", caStore = "/trust.pem" } },",
        "    { name = "resolvers", policy = "leastOutstanding", judge = { verdicts = "/run/dns-lb/results/verdicts" } },",
        "    { name = "resolvers:tcp", policy = "leastOutstanding", judge = { verdicts = "/run/dns-lb/results/verdicts" } },",
        "    { name = "this node: servers that serve by their scripts", rule = serving(NetmaskGroupRule(netmasks({ "127.0.0.1/32" }), false)), action = SpoofAction("127.0.0.1") },",
      ]
    `);
  });
});

test("names of servers that differ in case alone are asked for apart", () => {
  const [one, other] = ["A", "a"].map((name) => servesName(pool, { ...plain, name }).toLowerCase());
  expect(one).not.toBe(other);
});
