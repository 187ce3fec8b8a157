import { describe, expect, test } from "vitest";
import { cidrsOverlap } from "../../../lib/core/ip.js";
import type { AccessRule } from "../../../lib/model/access-rule.js";
import { DEBIAN_12, DEBIAN_13 } from "../../../lib/model/platform-profile.js";
import {
  dnsdistAccess,
  dnsdistOutsiders,
  haproxyAccess,
  haproxyAccessLists,
} from "../../../lib/node/compile/access.js";
import { featuresOf } from "../../../lib/node/features.js";
import { FRONTEND, POOL } from "./models.js";
import { directiveLines, ruleLines } from "./render.js";

const [OLD, NEW] = [featuresOf(DEBIAN_12), featuresOf(DEBIAN_13)] as const;
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
    expect(ruleLines(dnsdistOutsiders(FRONTEND))).toEqual([
      `AndRule({ ${HERE}, NotRule(NetmaskGroupRule(netmasks({ "10.0.0.0/8" }), true)) }) -> ${REFUSED}`,
    ]);
  });

  test("is free where both families are let in", () => {
    const open = { ...FRONTEND, allowFrom: ["0.0.0.0/0", "::/0"] };
    expect(haproxyAccess(open)).toEqual([]);
    expect(haproxyAccessLists(open)).toEqual([]);
    expect(dnsdistOutsiders(open)).toEqual([]);
    expect(dnsdistAccess(open, OLD)).toEqual([]);
  });

  test("is free where networks make up both families in pieces, and not where one family is there twice", () => {
    const pieces = { ...FRONTEND, allowFrom: ["0.0.0.0/1", "128.0.0.0/1", "::/0"] };
    expect(haproxyAccess(pieces)).toEqual([]);
    expect(haproxyAccess({ ...FRONTEND, allowFrom: ["0.0.0.0/0", "0.0.0.0/0"] })).toHaveLength(1);
  });

  test("stays closed to the family that is not let in", () => {
    const ipv4 = { ...FRONTEND, allowFrom: ["0.0.0.0/0"] };
    expect(haproxyAccess(ipv4)).toHaveLength(1);
    expect(dnsdistOutsiders(ipv4)).toHaveLength(1);
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
    expect(ruleLines(dnsdistAccess(frontend, OLD))).toEqual([
      `AndRule({ NetmaskGroupRule(netmasks({ "10.9.0.0/16", "10.8.0.0/16" }), true), ${HERE} }) -> ${REFUSED}`,
      `AndRule({ NetmaskGroupRule(netmasks({ "10.7.0.0/16" }), true), ${HERE} }) -> DropAction()`,
    ]);
  });

  test("is judged by dnsdist alone where a rule looks into queries", () => {
    const frontend = {
      ...FRONTEND,
      accessRules: [{ ...everything, from: ["10.9.0.0/16"], names: ["example.com."], types: ["ANY", "TXT"] as const }],
    };
    expect(haproxyAccess(frontend)).toHaveLength(1);
    expect(ruleLines(dnsdistAccess(frontend, OLD))[0]).toBe(
      "AndRule({ OrRule({ QTypeRule(255), QTypeRule(16) }), " +
        `NetmaskGroupRule(netmasks({ "10.9.0.0/16" }), true), ` +
        `SuffixMatchNodeRule(suffixes({ "example.com." })), ${HERE} }) -> ${REFUSED}`,
    );
  });

  test("is judged by numbers, and by class and opcode", () => {
    const frontend = {
      ...FRONTEND,
      accessRules: [
        { ...everything, types: [65_280, "NULL"] as const },
        { ...everything, classes: ["CH", 2] as const },
        { ...everything, opcodes: ["NOTIFY", "UPDATE", 6] as const },
      ],
    };
    expect(haproxyAccess(frontend)).toHaveLength(1);
    expect(ruleLines(dnsdistAccess(frontend, OLD))).toEqual([
      `AndRule({ OrRule({ QTypeRule(65280), QTypeRule(10) }), ${HERE} }) -> ${REFUSED}`,
      `AndRule({ OrRule({ QClassRule(3), QClassRule(2) }), ${HERE} }) -> ${REFUSED}`,
      `AndRule({ OrRule({ OpcodeRule(4), OpcodeRule(5), OpcodeRule(6) }), ${HERE} }) -> ${REFUSED}`,
    ]);
  });

  test("is truncated over UDP, where HAProxy and TCP have no part in it", () => {
    const frontend = {
      ...FRONTEND,
      accessRules: [{ ...everything, action: "truncate" as const, from: ["10.9.0.0/16"] }],
    };
    expect(haproxyAccess(frontend)).toHaveLength(1);
    expect(haproxyAccessLists(frontend)).toHaveLength(1);
    expect(ruleLines(dnsdistAccess(frontend, OLD))).toEqual([
      `AndRule({ TCPRule(false), NetmaskGroupRule(netmasks({ "10.9.0.0/16" }), true), ${HERE} }) -> TCAction()`,
    ]);
  });

  test("is refused with a reason, where dnsdist can", () => {
    const refused = { ...everything, types: ["ANY"] as const };
    const rulesWith = (extendedError: AccessRule["extendedError"], features = NEW) => {
      const accessRules = [{ ...refused, ...(extendedError === undefined ? {} : { extendedError }) }];
      return ruleLines(dnsdistAccess({ ...FRONTEND, accessRules }, features));
    };
    const plain = `AndRule({ QTypeRule(255), ${HERE} }) -> ${REFUSED}`;
    expect(rulesWith({ code: "filtered", text: 'by "us"' })).toEqual([
      `AndRule({ QTypeRule(255), ${HERE} }) -> SetExtendedDNSErrorAction(17, "by \\"us\\"")`,
      plain,
    ]);
    expect(rulesWith({ code: 49_152 })[0]).toContain(" -> SetExtendedDNSErrorAction(49152)");
    expect(rulesWith(undefined)).toEqual([plain]);
    expect(rulesWith({ code: "filtered" }, OLD)).toEqual([plain]);
  });

  test("is one rule of dnsdist for rules that follow each other and differ in one condition", () => {
    const names = ["a.test.", "b.test."].map((name): AccessRule => ({ ...everything, names: [name] }));
    const accessRules = [...names, { ...everything, types: ["ANY"] as const }, ...names];
    const reason = { code: "filtered" } as const;
    const rules = dnsdistAccess(
      { ...FRONTEND, accessRules: accessRules.map((each) => ({ ...each, extendedError: reason })) },
      NEW,
    );
    expect(rules.map(({ name }) => name)).toEqual([
      ...["internal: access rules 1 to 2, reason", "internal: access rules 1 to 2"],
      ...["internal: access rule 3, reason", "internal: access rule 3"],
      ...["internal: access rules 4 to 5, reason", "internal: access rules 4 to 5"],
    ]);
    const selector = `AndRule({ SuffixMatchNodeRule(suffixes({ "a.test.", "b.test." })), ${HERE} })`;
    expect(ruleLines(rules).slice(0, 2)).toEqual([
      `${selector} -> SetExtendedDNSErrorAction(17)`,
      `${selector} -> ${REFUSED}`,
    ]);
  });

  describe("for ANY with a small answer", () => {
    const any: AccessRule = { action: "minimal-any", from: [], names: [], types: ["ANY"], ttl: "30m" };
    const authoritative = { ...POOL, role: "authoritative" as const, zones: ["example.com.", "example.net."] };
    const lines = (changes: Partial<AccessRule>, features = NEW) =>
      ruleLines(dnsdistAccess({ ...FRONTEND, pool: authoritative, accessRules: [{ ...any, ...changes }] }, features));
    const kind = "OpcodeRule(0), QClassRule(1), QTypeRule(255)";

    test("is answered over UDP for the servers' zones, and truncated for DNSSEC", () => {
      const conditions = `TCPRule(false), ${kind}, SuffixMatchNodeRule(suffixes({ "example.com.", "example.net." })), ${HERE}`;
      expect(lines({})).toEqual([
        `AndRule({ ${conditions}, DNSSECRule() }) -> TCAction()`,
        `AndRule({ ${conditions} }) -> SpoofRawAction("\\007RFC8482\\000", { typeForAny = 13, ttl = 1800, aa = true, ra = false })`,
      ]);
    });

    test("is answered for the names and clients of the rule", () => {
      expect(lines({ names: ["a.example.com."], from: ["10.9.0.0/16"] })[1]).toContain(
        `TCPRule(false), ${kind}, NetmaskGroupRule(netmasks({ "10.9.0.0/16" }), true), SuffixMatchNodeRule(suffixes({ "a.example.com." })), ${HERE}`,
      );
    });

    test("is truncated by a dnsdist that would answer with type ANY", () => {
      expect(lines({}, OLD).map((line) => line.replace(/^.* -> /, ""))).toEqual(["TCAction()", "TCAction()"]);
    });

    test("is nobody's where servers have no zones", () => {
      expect(dnsdistAccess({ ...FRONTEND, accessRules: [any] }, NEW)).toEqual([]);
    });
  });
});
