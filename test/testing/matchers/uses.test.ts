import { Container } from "@cdktf/provider-docker/lib/container";
import { Network } from "@cdktf/provider-docker/lib/network";
import { describe, expect, test } from "vitest";
import { dnsLbMatchers } from "../../../lib/testing/matchers.js";
import { nodeOf } from "../../../lib/testing/nodes-of.js";
import { appForMatchers } from "./app.js";
import { all, outcomes, type Use, type Uses } from "./uses.js";

expect.extend(dnsLbMatchers);

const app = appForMatchers();
const [lb1, r1, a1, a2] = ["lb1", "r1", "a1", "a2"].map((name) => nodeOf(app, name));

/** What is no text, given for one. */
const NO_TEXT: readonly unknown[] = [undefined, null, 53, ["a"], {}, Promise.resolve("a")];
const noTextAfter = (...before: Use) => NO_TEXT.map((each) => [...before, each]);

/** A line of a section. */
const lines = (section: string, line: string, part: string, wrong: string): Uses => ({
  holds: [
    [section, line],
    [section, new RegExp(part)],
    [section, new RegExp(part, "gy")],
    [section, expect.stringContaining(part)],
    [section, expect.stringMatching(new RegExp(part))],
    [section, expect.any(String)],
    [section, expect.not.stringContaining("nothing of the kind")],
    [new RegExp(`^${section}$`), line],
    [expect.stringContaining(section), line],
    [/./, line],
  ],
  fails: [
    [section, wrong],
    [section, /nothing of the kind/],
    [section, expect.stringContaining("nothing of the kind")],
    [section, expect.any(Number)],
    [/./, wrong],
  ],
  refused: [
    [`${section}x`, line],
    [`${section} `, line],
    ["", line],
    [/nothing of the kind/, line],
    [expect.stringContaining("nothing of the kind"), line],
    [section, ""],
    [section, ` ${line}`],
    [section, `${line}\n`],
    [section, `typo ${line}`],
    [section],
    ...noTextAfter(section),
    ...NO_TEXT.map((each) => [each, line]),
  ],
});

const names = (name: string, others: readonly string[]): Uses => ({
  holds: [[name], [new RegExp(name)], [expect.stringContaining(name)]],
  fails: [[`${name}x`], [""], [/nothing of the kind/], [expect.any(Number)], ...others.map((other) => [other])],
  refused: [[], ...noTextAfter()],
});

const things = (name: string, has: readonly object[], lacks: readonly object[], never: readonly object[]): Uses => ({
  holds: [
    ...names(name, []).holds,
    ...has.map((each) => [name, each]),
    ...has.map((each) => [new RegExp(`^${name}$`), each]),
  ],
  fails: [...names(name, []).fails, ...lacks.map((each) => [name, each])],
  refused: [
    [`${name}x`, has[0]],
    [/nothing of the kind/, has[0]],
    [name, {}],
    [name, undefined],
    [name, "a text"],
    [name, [has[0]]],
    ...never.map((each) => [name, each]),
    ...NO_TEXT.map((each) => [each, has[0]]),
  ],
});

const TABLE: Readonly<Partial<Record<keyof typeof dnsLbMatchers, readonly [subject: unknown, uses: Uses]>>> = {
  toHaveHaproxySection: [lb1, names("backend resolvers", ["frontend resolvers", "backend"])],
  toHaveHaproxyLine: [lb1, lines("backend resolvers", "balance leastconn", "balance", "balance roundrobin")],
  toHaveKeepalivedBlock: [lb1, names("vrrp_instance v4 / unicast_peer", ["vrrp_instance v6", "unicast_peer"])],
  toHaveKeepalivedLine: [lb1, lines("vrrp_instance v4", "priority 250", "priority", "priority 100")],
  toHaveUnboundClause: [r1, names("server", ["stub-zone"])],
  toHaveUnboundLine: [
    r1,
    lines("server", "access-control: 10.0.0.0/8 allow", "access-control", "qname-minimisation: no"),
  ],
  toHaveNsdClause: [a1, names("zone example.com.", ["zone example.org."])],
  toHaveNsdLine: [a1, lines("server", "hide-version: yes", "hide-version", "hide-version: no")],
  toHaveDnsdistSetting: [
    lb1,
    {
      holds: [["setMaxUDPOutstanding(10000)"], [/^setMaxUDPOutstanding/], [expect.stringContaining("setACL")]],
      fails: [["setMaxUDPOutstanding(1)"], [/nothing of the kind/], [expect.any(Number)]],
      refused: [["setMaxUdpOutstanding(10000)"], [""], [" setACL()"], ...noTextAfter()],
    },
  ],
  toHaveDnsdistListener: [
    lb1,
    things(
      "0.0.0.0:53",
      [{ reusePort: true }, expect.objectContaining({ reusePort: true })],
      [{ reusePort: false }],
      [],
    ),
  ],
  toHaveDnsdistRule: [
    lb1,
    things(
      "everything else",
      [{ rule: "AllRule()" }, { action: /Drop/ }, { rule: expect.any(String), action: "DropAction()" }],
      [{ rule: "AndRule()" }, { action: /Allow/ }, { rule: "AllRule()", action: "AllowAction()" }],
      [{ selector: "AllRule()" }],
    ),
  ],
  toHaveDnsdistServer: [
    lb1,
    things(
      "resolvers/resolver1",
      [
        { address: "192.168.1.10:53" },
        { address: /^192\.168\./, weight: 1 },
        { checkInterval: expect.any(Number) },
        { pools: ["resolvers", "resolvers:all"] },
        { pools: expect.arrayContaining(["resolvers"]) },
        { tls: undefined },
      ],
      [{ address: "192.168.1.11:53" }, { weight: 2 }, { pools: ["resolvers"] }, { weight: undefined }],
      [{ adress: "192.168.1.10:53" }, { id: "resolvers/resolver1" }],
    ),
  ],
  toHaveDnsdistPool: [
    lb1,
    things(
      "resolvers",
      [{ policy: "leastOutstanding" }, { servers: ["resolvers/resolver1"] }, { servers: [/resolver1$/] }],
      [{ policy: "roundRobin" }, { servers: [] }, { servers: ["resolvers/resolver2"] }],
      [{ name: "resolvers" }],
    ),
  ],
  toHaveZone: [
    a1,
    { ...names("example.com.", ["example.org"]), holds: [["example.com"], ["example.com."], [/^example/]] },
  ],
  toHaveZoneRecord: [
    a1,
    {
      holds: [
        ["example.com", "www.example.com. 3600 IN A 192.0.2.80"],
        ["example.com", /^www\..* A /],
        ["example.com", expect.stringContaining("192.0.2.80")],
        ["example.com", { name: "www.example.com", type: "A" }],
        ["example.com", { name: "www.example.com.", data: "192.0.2.80", ttl: 3600 }],
        ["example.com.", { type: "MX", data: /mail/ }],
        [/^example/, { data: expect.stringContaining("192.0.2.") }],
      ],
      fails: [
        ["example.com", "www.example.com. 3600 IN A 192.0.2.81"],
        ["example.com", /nothing of the kind/],
        ["example.com", { name: "www.example.com", type: "AAAA" }],
        ["example.com", { name: "www" }],
        ["example.com", { ttl: "3600" }],
      ],
      refused: [
        ["example.org", { type: "A" }],
        [/nothing of the kind/, { type: "A" }],
        ["example.com", { value: "192.0.2.80" }],
        ["example.com", ""],
        ["example.com"],
        ...[undefined, 53, {}].map((each) => ["example.com", each]),
        [undefined, { type: "A" }],
      ],
    },
  ],
  toHaveFile: [
    lb1,
    {
      holds: [
        ["manifest.json"],
        [/manifest/],
        ["haproxy/lists/internal-allow.lst", "10.0.0.0/8\n"],
        ["haproxy/lists/internal-allow.lst", /^10\./],
        ["haproxy/lists/internal-allow.lst", expect.stringContaining("10.0.0.0")],
        [/\.lst$/, "10.0.0.0/8\n"],
      ],
      fails: [
        ["haproxy.cfg"],
        [/nothing of the kind/],
        ["haproxy/lists/internal-allow.lst", ""],
        ["haproxy/lists/internal-allow.lst", "10.0.0.0/8"],
        ["haproxy/lists/internal-allow.lst", /^11\./],
        [/./, "10.0.0.0/8"],
      ],
      refused: [
        ["haproxy.cfg", ""],
        [/nothing of the kind/, /a/],
        [],
        ...noTextAfter(),
        ...noTextAfter("manifest.json"),
      ],
    },
  ],
  toHaveSecretFile: [
    lb1,
    things(
      "secrets/dot.pem",
      [{ kind: "local-file" }, { path: /certs/ }, { kind: "local-file", path: "certs/dns.pem" }],
      [{ kind: "variable" }, { path: "certs/other.pem" }],
      [{ file: "certs/dns.pem" }],
    ),
  ],
  toHaveTerraformResource: [
    app,
    things(
      "docker_container",
      [
        { image: "debian:12" },
        { image: /13$/ },
        { image: expect.stringContaining("debian") },
        { ports: [{ internal: 53 }] },
        { ports: expect.arrayContaining([{ internal: 53, protocol: "udp" }]) },
        expect.objectContaining({ image: "debian:12" }),
      ],
      [
        { image: "debian:11" },
        { privileged: true },
        { ports: [] },
        { image: "debian:12", ports: [{ internal: 853 }] },
        expect.objectContaining({ image: "debian:11" }),
      ],
      [],
    ),
  ],
  toKeepSecrets: [
    app,
    {
      holds: [["hunter2-is-not-here"], ["hunter2-is-not-here", "nor is this one"]],
      fails: [["leastconn"], ["hunter2-is-not-here", "debian:12"]],
      refused: [[], [""], ["short"], [undefined], [/pattern/], [Promise.resolve("hunter2-is-not-here")]],
    },
  ],
};

test("toHaveTerraformResource takes the class of a provider", () => {
  const holds = [[Container], [Container, { image: "debian:12" }]];
  expect(outcomes(app, "toHaveTerraformResource", holds)).toEqual(all(holds, "passes", "fails"));
  const fails = [[Network], [Container, { image: "debian:11" }]];
  expect(outcomes(app, "toHaveTerraformResource", fails)).toEqual(all(fails, "fails", "passes"));
  const refused = [[Network, { name: "a" }], [Map], [() => "docker_container"]];
  expect(outcomes(app, "toHaveTerraformResource", refused)).toEqual(all(refused, "refused", "refused"));
});

test.each(Object.entries(TABLE))("%s passes, fails and refuses as told, negated too", (name, [subject, uses]) => {
  const matcher = name as keyof typeof dnsLbMatchers;
  expect(outcomes(subject, matcher, uses.holds)).toEqual(all(uses.holds, "passes", "fails"));
  expect(outcomes(subject, matcher, uses.fails)).toEqual(all(uses.fails, "fails", "passes"));
  expect(outcomes(subject, matcher, uses.refused)).toEqual(all(uses.refused, "refused", "refused"));
});

const SUBJECTS: readonly unknown[] = [undefined, null, "lb1", {}, [lb1], Promise.resolve(lb1)];

test.each(Object.keys(dnsLbMatchers))("%s refuses what it cannot judge, negated too", (name) => {
  const matcher = name as keyof typeof dnsLbMatchers;
  const use = TABLE[matcher]?.[1].holds[0] ?? (matcher === "toBreakRule" ? ["DNSLB001"] : []);
  for (const subject of SUBJECTS) {
    expect(outcomes(subject, matcher, [use]), String(subject)).toEqual(all([use], "refused", "refused"));
  }
});

describe("what a node does not have", () => {
  test.each<[keyof typeof dnsLbMatchers, unknown, Use]>([
    ["toHaveHaproxyLine", r1, ["backend resolvers", "balance leastconn"]],
    ["toHaveKeepalivedLine", r1, ["vrrp_instance v4", "priority 250"]],
    ["toHaveDnsdistServer", a1, ["resolvers/resolver1"]],
    ["toHaveUnboundLine", lb1, ["server", "do-ip6: yes"]],
    ["toHaveNsdLine", lb1, ["server", "hide-version: yes"]],
    ["toHaveZone", lb1, ["example.com"]],
    ["toHaveZoneRecord", a2, ["example.com", { type: "A" }]],
  ])("%s refuses it, negated too", (matcher, subject, use) => {
    expect(outcomes(subject, matcher, [use])).toEqual(all([use], "refused", "refused"));
  });
});
