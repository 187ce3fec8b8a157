import { describe, expect, test } from "vitest";
import { call, constant, type LuaCall, list, record } from "../../../lib/config/dnsdist/model.js";
import type { Directive } from "../../../lib/config/haproxy/model.js";
import { Certificate } from "../../../lib/dns/certificate.js";
import { DotListener } from "../../../lib/dns/dot-listener.js";
import type { FrontendExtraOptions } from "../../../lib/dns/extra/frontend-extra.js";
import { StandaloneLoadBalancer } from "../../../lib/ha/standalone-load-balancer.js";
import { nodesOf } from "../../../lib/testing/nodes-of.js";
import { FakeNode, newStack, problemsAtSynthesis, refusal, resolverPool } from "../../constructs.js";

function givenFrontend(extra: FrontendExtraOptions, more: { readonly tcpPath?: "direct" } = {}) {
  const stack = newStack();
  const lb = new StandaloneLoadBalancer(stack, "Dns", { node: new FakeNode(stack, "Node1", ["10.0.0.2"]) });
  const frontend = lb.addDnsFrontend("Internal", {
    ...{ pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"], extra },
    ...more,
  });
  return { stack, frontend };
}

function nodeWith(extra: FrontendExtraOptions) {
  const { stack, frontend } = givenFrontend(extra);
  new DotListener(stack, "Dot", { frontend, certificate: Certificate.fromLocalFile("certs/dns.pem") });
  const [node] = nodesOf(stack);
  if (node === undefined) throw new RangeError("no node");
  return node;
}

describe("directives of HAProxy", () => {
  test.each<[Directive, string]>([
    [["description", "near the sea"], 'description "near the sea"'],
    [["description", `it's "\\ $HOME # }`], `description "it's \\"\\\\ \\$HOME # }"`],
    [["option", "socket-stats"], "option socket-stats"],
    [["no", "option", "tcpka"], "no option tcpka"],
    [["rate-limit", "sessions", "5000"], "rate-limit sessions 5000"],
    [["clitcpka-idle", "30s"], "clitcpka-idle 30s"],
  ])("%j stands in the sections of all listeners as %s", (directive, line) => {
    const text = nodeWith({ haproxy: [directive] }).files.get("haproxy/haproxy.cfg") ?? "";
    const marked = `  # extra, not known to cdktf-dns-lb:\n  ${line}\n  # end of extra\n`;
    const own = text.split("\n\n").filter((section) => `${section}\n`.endsWith(marked));
    expect(own.map((section) => section.split("\n")[0])).toEqual(["frontend internal", "frontend dot"]);
    expect(text.split(marked)).toHaveLength(3);
  });

  test.each<[string, unknown]>([
    ["it is a text", "option tcpka"],
    ["it has no words", []],
    ["it has a number", ["rate-limit", "sessions", 5_000]],
    ["it has a word that HAProxy does not know", ["rate-limits", "sessions"]],
    ["a word would end the line", ["description", "a\n  daemon"]],
    ["a word is empty", ["description", ""]],
    ["the library writes it", ["maxconn", "4000"]],
    ["the library writes it, and it is undone", ["no", "maxconn"]],
    ["the library relies on its absence", ["disabled"]],
  ])("fails when %s", (_, directive) => {
    const refused = refusal(() => givenFrontend({ haproxy: [["option", "tcpka"], directive as Directive] }));
    expect(refused).toMatchSnapshot();
    expect(refused).toMatch(/^\[prod\/Dns\/Internal\] 'extra\.haproxy\[1\]' .* \[DNSLB16[89]\]$/);
  });

  test("fails when one is left to the library, without a word of its values", () => {
    const refused = refusal(() => givenFrontend({ haproxy: [["stats", "auth", "ops:secret"]] }));
    expect(refused).toContain("'statistics' of the load balancer");
    expect(refused).not.toContain("secret");
  });
});

describe("rules of dnsdist", () => {
  const rulesWith = (rule: LuaCall, action: LuaCall = call("DropAction")) =>
    nodeWith({ dnsdist: [{ rule, action }] }).dnsdist.rules;

  test.each<[LuaCall, LuaCall, string, string]>([
    [
      call("QNameLabelsCountRule", 0, 8),
      call("DropAction"),
      "AndRule({ HERE, QNameLabelsCountRule(0, 8) })",
      "DropAction()",
    ],
    [
      call("OrRule", list(call("EDNSOptionRule", 10), call("NotRule", call("RDRule")))),
      call("RCodeAction", constant("DNSRCode.REFUSED")),
      "AndRule({ HERE, OrRule({ EDNSOptionRule(10), NotRule(RDRule()) }) })",
      "RCodeAction(DNSRCode.REFUSED)",
    ],
    [
      call("SuffixMatchNodeRule", call("suffixes", list(`a"]] \\ .test.`))),
      call("SpoofAction", "192.0.2.1", record({ ttl: 60 })),
      `AndRule({ HERE, SuffixMatchNodeRule(suffixes({ "a\\"]] \\\\ .test." })) })`,
      'SpoofAction("192.0.2.1", { ttl = 60 })',
    ],
  ])("%j, %j is tried for queries to the frontend alone", (rule, action, selector, done) => {
    const here = 'NetmaskGroupRule(netmasks({ "10.0.0.2/32" }), false)';
    const rules = rulesWith(rule, action);
    expect(rules).toContainEqual({
      name: "internal: extra 1, not known to cdktf-dns-lb",
      rule: selector.replace("HERE", here),
      action: done,
    });
  });

  test("come after those that refuse others, and before those that lead to servers", () => {
    const names = rulesWith(call("AllRule")).map(({ name }) => name);
    const [own, outsiders] = ["internal: extra 1, not known to cdktf-dns-lb", "internal: outsiders"];
    expect(names.indexOf(outsiders)).toBeLessThan(names.indexOf(own));
    expect(names.slice(0, names.indexOf(own)).filter((name) => !/outsiders|^this node: /.test(name))).toEqual([]);
  });

  test("make the frontend inspect TCP", () => {
    const { stack } = givenFrontend({ dnsdist: [{ rule: call("RDRule"), action: call("DropAction") }] });
    expect(nodesOf(stack)[0]?.loadBalancer.frontends[0]?.tcpPath).toBe("inspected");
  });

  test("fails when the frontend does not inspect TCP", () => {
    const dnsdist = [{ rule: call("RDRule"), action: call("DropAction") }];
    const { stack } = givenFrontend({ dnsdist }, { tcpPath: "direct" });
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/Dns] [prod/Dns/Internal] 'extra.dnsdist[0]' judges queries by a rule of dnsdist, which the direct TCP path cannot enforce, because HAProxy does not read queries; set tcpPath: "inspected" [DNSLB004]"`,
    );
  });

  test.each<[string, unknown, unknown]>([
    ["the selector is a text", "AllRule()", call("DropAction")],
    ["the selector is Lua", { call: "os.execute('id') --", args: [] }, call("DropAction")],
    ["the selector is an action", call("DropAction"), call("DropAction")],
    ["the action is a selector", call("AllRule"), call("AllRule")],
    ["the action leads to servers", call("AllRule"), call("PoolAction", "internal")],
    ["the action lets queries pass", call("AllRule"), call("AllowAction")],
    ["a limit would be lost", call("NotRule", call("MaxQPSIPRule", 5)), call("DropAction")],
    ["the selector sets up dnsdist", call("newServer", "192.0.2.1"), call("DropAction")],
    ["a value is none of Lua", call("QNameRule", null as never), call("DropAction")],
    ["a number is none", call("QTypeRule", Number.NaN), call("DropAction")],
    ["a text is broken", call("QNameRule", "\ud800"), call("DropAction")],
    ["a constant is Lua", call("NotRule", { constant: "os" } as never), call("DropAction")],
    ["a record is Lua", call("AllRule"), call("SpoofAction", "192.0.2.1", record({ "a = 1, b": 2 }))],
    ["a record is empty", call("AllRule"), call("SpoofAction", "192.0.2.1", record({}))],
  ])("fails when %s", (_, rule, action) => {
    const refused = refusal(() => givenFrontend({ dnsdist: [{ rule: rule as LuaCall, action: action as LuaCall }] }));
    expect(refused).toMatchSnapshot();
    expect(refused).toMatch(/^\[prod\/Dns\/Internal\] 'extra\.dnsdist\[0\]\.(rule|action)' .* \[DNSLB16[89]\]$/);
  });
});
