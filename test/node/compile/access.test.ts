import { describe, expect, test } from "vitest";
import { cidrsOverlap } from "../../../lib/core/ip.js";
import type { AccessRule } from "../../../lib/model/access-rule.js";
import { dnsdistAccess, haproxyAccess, haproxyAccessLists } from "../../../lib/node/compile/access.js";
import { FRONTEND } from "./models.js";
import { directiveLines, ruleLines } from "./render.js";

const HERE = 'NetmaskGroupRule(netmasks({ "10.0.0.53/32" }), false)';
const REFUSED = "RCodeAction(DNSRCode.REFUSED)";
const everything: AccessRule = { action: "refuse", from: [], names: [], types: [] };

describe("access to a frontend, for both daemons", () => {
  test("is for its networks alone", () => {
    expect(directiveLines(haproxyAccess(FRONTEND))).toEqual([
      "tcp-request connection reject unless { src -f lists/internal-allow.lst }",
    ]);
    expect(haproxyAccessLists(FRONTEND)).toEqual([
      { path: "haproxy/lists/internal-allow.lst", content: "10.0.0.0/8\n" },
    ]);
    expect(ruleLines(dnsdistAccess(FRONTEND))).toEqual([
      `AndRule({ ${HERE}, NotRule(NetmaskGroupRule(netmasks({ "10.0.0.0/8" }), true)) }) -> ${REFUSED}`,
    ]);
  });

  test("is free where both families are let in", () => {
    const open = { ...FRONTEND, allowFrom: ["0.0.0.0/0", "::/0"] };
    expect(haproxyAccess(open)).toEqual([]);
    expect(haproxyAccessLists(open)).toEqual([]);
    expect(dnsdistAccess(open)).toEqual([]);
  });

  test("is free where networks make up both families in pieces, and not where one family is there twice", () => {
    const pieces = { ...FRONTEND, allowFrom: ["0.0.0.0/1", "128.0.0.0/1", "::/0"] };
    expect(haproxyAccess(pieces)).toEqual([]);
    expect(haproxyAccess({ ...FRONTEND, allowFrom: ["0.0.0.0/0", "0.0.0.0/0"] })).toHaveLength(1);
  });

  test("stays closed to the family that is not let in", () => {
    const ipv4 = { ...FRONTEND, allowFrom: ["0.0.0.0/0"] };
    expect(haproxyAccess(ipv4)).toHaveLength(1);
    expect(dnsdistAccess(ipv4)).toHaveLength(1);
  });

  test("is for IPv6 alone where IPv6 networks are named, although HAProxy looks up IPv4 clients in these too", () => {
    const lists = haproxyAccessLists({
      ...FRONTEND,
      allowFrom: ["10.0.0.0/8", "::/0"],
      accessRules: [{ ...everything, from: ["::/8"] }],
    }).map(({ content }) => content.trim().split("\n"));
    expect(lists.map((networks) => networks.length)).toEqual([97, 88]);
    expect(lists[0]).toContain("10.0.0.0/8");
    expect(lists[0]).toContain("8000::/1");
    expect(lists.flat().some((network) => cidrsOverlap(network, "::ffff:0:0/96"))).toBe(false);
  });

  test("is refused to clients that a rule names, by both", () => {
    const frontend = {
      ...FRONTEND,
      accessRules: [
        { ...everything, from: ["10.9.0.0/16", "10.8.0.0/16"] },
        { ...everything, action: "drop" as const, from: ["10.7.0.0/16"] },
      ],
    };
    expect(directiveLines(haproxyAccess(frontend))).toContain(
      "tcp-request connection reject if { src -f lists/internal-deny.lst }",
    );
    expect(haproxyAccessLists(frontend)).toContainEqual({
      path: "haproxy/lists/internal-deny.lst",
      content: "10.7.0.0/16\n10.8.0.0/16\n10.9.0.0/16\n",
    });
    expect(ruleLines(dnsdistAccess(frontend)).slice(1)).toEqual([
      `AndRule({ ${HERE}, NetmaskGroupRule(netmasks({ "10.9.0.0/16", "10.8.0.0/16" }), true) }) -> ${REFUSED}`,
      `AndRule({ ${HERE}, NetmaskGroupRule(netmasks({ "10.7.0.0/16" }), true) }) -> DropAction()`,
    ]);
  });

  test("is judged by dnsdist alone where a rule looks into queries", () => {
    const frontend = {
      ...FRONTEND,
      accessRules: [{ ...everything, from: ["10.9.0.0/16"], names: ["example.com."], types: ["ANY", "TXT"] as const }],
    };
    expect(haproxyAccess(frontend)).toHaveLength(1);
    expect(ruleLines(dnsdistAccess(frontend))[1]).toBe(
      `AndRule({ ${HERE}, NetmaskGroupRule(netmasks({ "10.9.0.0/16" }), true), ` +
        'SuffixMatchNodeRule(suffixes({ "example.com." })), ' +
        `OrRule({ QTypeRule("ANY"), QTypeRule("TXT") }) }) -> ${REFUSED}`,
    );
  });
});
