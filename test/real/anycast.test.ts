import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { Secret } from "../../lib/dns/secret.js";
import { AnycastGroup, type AnycastGroupProps } from "../../lib/ha/anycast-group.js";
import { type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../../lib/model/platform-profile.js";
import { type NodeUnderTest, nodesOf } from "../../lib/testing/nodes-of.js";
import { otherSuite, rootFolder } from "../../scripts/debian/root.js";
import { FakeNode, newStack, resolverPool } from "../constructs.js";
import { type Outcome, run, testWith } from "./config/daemon.js";
import { ANNOUNCEMENT, composed } from "./golden/check.js";

const RELEASES: Readonly<Record<string, DaemonVersions>> = { bookworm: DEBIAN_12, trixie: DEBIAN_13 };
const other = otherSuite();
const here = Object.keys(RELEASES).find((suite) => suite !== other) ?? "bookworm";
const root = rootFolder(other);

function nodesWith(props: Partial<AnycastGroupProps>, families: readonly string[]): readonly NodeUnderTest[] {
  const stack = newStack();
  const has = (address: string) => families.includes(address.includes(":") ? "ipv6" : "ipv4");
  const password = Secret.fromNodeFile("/etc/dns-lb/bgp");
  const group = new AnycastGroup(stack, "Ams", {
    asn: 64_512,
    addresses: ["192.0.2.53", "2001:db8::53"].filter(has),
    members: [11, 12].map((place) => ({
      node: new FakeNode(stack, `Ams${place}`, [`10.0.0.${place}`, `fd53::${place}`].filter(has)),
      neighbors: [
        { address: "10.0.0.1", asn: 64_500, password },
        { address: "fd53::1", asn: 4_294_967_294, bfd: { interval: "10ms", multiplier: 50 } as const },
        { address: "10.9.0.1", asn: 1, multihop: 255, bfd: false },
        { address: "fd53:9::1", asn: 65_534, password, multihop: 2 },
      ].filter(({ address }) => has(address)),
      communities: ["64500:310", "65535:65281", "0:0"],
    })),
    ...props,
  });
  group.addDnsFrontend("Subscribers", { pool: resolverPool(stack), allowFrom: ["100.64.0.0/10"] });
  return nodesOf(stack);
}

/** What the BIRD of a release says of a node that is compiled for it, in the system of a folder. */
function check(node: NodeUnderTest, suite: string, system: string, change = (text: string) => text): Outcome {
  const versions = RELEASES[suite] ?? DEBIAN_12;
  const directory = mkdtempSync(join(system, tmpdir(), "dns-lb-anycast-"));
  const inside = directory.slice(system.length);
  try {
    const { profile } = node.spec;
    const spec = node.specFor({ ...profile, versions, paths: { ...profile.paths, run: `${inside}/run` } });
    const files = [
      ...spec.files.filter(({ path }) => path.startsWith("bird/")),
      ...spec.manifest.compose
        .filter(({ path }) => path.startsWith("bird/"))
        .map((each) => ({ path: each.path, content: composed(each) })),
      { path: join("run", ANNOUNCEMENT.path), content: ANNOUNCEMENT.text },
    ];
    for (const { path, content } of files) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), change(content));
    }
    const words = spec.manifest.services.find(({ name }) => name === "bird")?.check ?? [];
    const [program = "", ...rest] = words.map((word) => word.replace("{release}", inside));
    return system === "" ? run(program, ...rest) : run("chroot", system, program, ...rest);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const GROUPS: readonly [what: string, props: Partial<AnycastGroupProps>, families: readonly string[]][] = [
  ["both families", {}, ["ipv4", "ipv6"]],
  ["default routes by BGP", { defaultRoute: "bgp" }, ["ipv4", "ipv6"]],
  ["IPv4 alone, of a long number", { asn: 4_200_000_000, defaultRoute: "bgp" }, ["ipv4"]],
  ["IPv6 alone", { defaultRoute: "bgp" }, ["ipv6"]],
];

describe.each(GROUPS)("bird.conf of a group with %s", (_, props, families) => {
  testWith("bird")("is taken by the installed BIRD without a word", () => {
    for (const node of nodesWith(props, families)) expect(check(node, here, "")).toEqual({ status: 0, output: "" });
  });

  test.skipIf(!existsSync(join(root, "usr/sbin/bird")))("is taken by that of the other release", () => {
    for (const node of nodesWith(props, families)) expect(check(node, other, root)).toEqual({ status: 0, output: "" });
  });
});

testWith("bird")("fails when a file that it includes says nothing", () => {
  const [node] = nodesWith({}, ["ipv4"]);
  if (node === undefined) throw new RangeError("no node");
  expect(check(node, here, "", (text) => text.replace(/^define (COST|PASSWORD_1) = .*$/m, "")).status).not.toBe(0);
});
