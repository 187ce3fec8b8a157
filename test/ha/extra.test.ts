import { Annotations, Fn, Token } from "cdktf";
import { describe, expect, test, vi } from "vitest";
import { call, type DnsdistSetting } from "../../lib/config/dnsdist/model.js";
import type { Directive } from "../../lib/config/haproxy/model.js";
import type { KeepalivedLine } from "../../lib/config/keepalived/model.js";
import { DotListener } from "../../lib/dns/dot-listener.js";
import { Secret } from "../../lib/dns/secret.js";
import type { HaPairExtraOptions } from "../../lib/ha/extra.js";
import { HaPair } from "../../lib/ha/ha-pair.js";
import { StandaloneLoadBalancer } from "../../lib/ha/standalone-load-balancer.js";
import { DockerNode } from "../../lib/platforms/docker/docker-node.js";
import { nodesOf } from "../../lib/testing/nodes-of.js";
import { FakeNode, newStack, problemsAtSynthesis, refusal, resolverPool } from "../constructs.js";

function givenPair(extra: HaPairExtraOptions) {
  const stack = newStack();
  const pair = new HaPair(stack, "Dns", {
    nodes: [new FakeNode(stack, "Lb1", ["10.0.0.2"]), new FakeNode(stack, "Lb2", ["10.0.0.3"])],
    virtualAddresses: [{ address: "10.0.0.53" }],
    virtualRouterId: 53,
    extra,
  });
  const frontend = pair.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
  return { stack, pair, frontend };
}

const filesOf = (extra: HaPairExtraOptions) => nodesOf(givenPair(extra).stack).map(({ files }) => files);

describe("extra of a load balancer", () => {
  test.each<["global" | "defaults", Directive, string]>([
    ["global", ["tune.bufsize", "32768"], "tune.bufsize 32768"],
    ["global", ["busy-polling"], "busy-polling"],
    ["global", ["description", `it's "here" # $HOME`], `description "it's \\"here\\" # \\$HOME"`],
    ["defaults", ["option", "tcpka"], "option tcpka"],
    ["defaults", ["no", "option", "clitcpka"], "no option clitcpka"],
  ])("gives HAProxy's section %s %j on both nodes, as %s", (section, directive, line) => {
    for (const files of filesOf({ haproxy: { [section]: [directive] } })) {
      const own = (files.get("haproxy/haproxy.cfg") ?? "").split("\n\n").find((each) => each.startsWith(section));
      expect(own?.split("\n").slice(-3)).toEqual([
        "  # extra, not known to cdktf-dns-lb:",
        `  ${line}`,
        "  # end of extra",
      ]);
    }
  });

  test.each<[DnsdistSetting, string]>([
    [["setRingBuffersSize", 20_000], "setRingBuffersSize(20000)"],
    [["setVerboseHealthChecks", true], "setVerboseHealthChecks(true)"],
  ])("gives dnsdist.conf %j on both nodes, as %s", (setting, line) => {
    for (const files of filesOf({ dnsdist: [setting] })) {
      expect(files.get("dnsdist/dnsdist.conf")).toContain(
        `\n-- extra, not known to cdktf-dns-lb:\n${line}\n-- end of extra\n\n-- dnsdist's own client`,
      );
    }
  });

  test("gives keepalived's global_defs lines on both nodes", () => {
    for (const files of filesOf({
      keepalived: [
        ["vrrp_rt_priority", "50"],
        ["smtp_helo_name", "the lb"],
      ],
    })) {
      expect(files.get("keepalived/keepalived.conf")).toContain(
        [
          "  enable_script_security",
          "  # extra, not known to cdktf-dns-lb:",
          "  vrrp_rt_priority 50",
          '  smtp_helo_name "the lb"',
          "  # end of extra",
          "}",
          "",
        ].join("\n"),
      );
    }
  });

  test("changes nothing where it is empty", () => {
    const empty = filesOf({ haproxy: { global: [], defaults: [] }, dnsdist: [], keepalived: [] });
    const conf = ["haproxy/haproxy.cfg", "dnsdist/dnsdist.conf", "keepalived/keepalived.conf"];
    const plain = filesOf({});
    for (const path of conf)
      expect(empty.map((files) => files.get(path))).toEqual(plain.map((files) => files.get(path)));
  });

  test("is told at synthesis, once, by the names of its settings", () => {
    const said = vi.spyOn(Annotations.prototype, "addInfo");
    try {
      const { stack, pair } = givenPair({
        haproxy: { global: [["tune.bufsize", "32768"]], defaults: [["no", "option", "tcpka"]] },
        dnsdist: [["setRingBuffersSize", 20_000]],
        keepalived: [["vrrp_rt_priority", "50"]],
      });
      pair.addDnsFrontend("More", {
        ...{ pool: resolverPool(stack, "Others"), allowFrom: ["10.0.0.0/8"], port: 5_353 },
        extra: { haproxy: [["option", "tcpka"]], dnsdist: [{ rule: call("RDRule"), action: call("DropAction") }] },
      });
      for (let times = 0; times < 2; times += 1) expect(problemsAtSynthesis(stack)).toBe("nothing was refused");
      expect(said.mock.calls.map(([text]) => text).filter((text) => text.includes("'extra'"))).toMatchInlineSnapshot(`
        [
          "'extra' of the load balancer has HAProxy's tune.bufsize, HAProxy's option tcpka, dnsdist's setRingBuffersSize, keepalived's vrrp_rt_priority: only the daemons check them, and what the library promises is not measured with them",
          "'extra' of the frontend has HAProxy's option tcpka, a rule of dnsdist by RDRule: only the daemons check them, and what the library promises is not measured with them",
        ]
      `);
    } finally {
      said.mockRestore();
    }
  });

  test.each<[string, unknown]>([
    ["a directive is a text", { haproxy: { global: ["tune.bufsize 32768"] } }],
    ["a word is a number", { haproxy: { global: [["tune.bufsize", 32_768]] } }],
    ["a word is no keyword", { haproxy: { global: [["tune.buffsize", "32768"]] } }],
    ["a word would begin a section", { haproxy: { global: [["description", "a\nlisten b"]] } }],
    ["a word is a Secret", { haproxy: { global: [["description", Secret.fromNodeFile("/etc/password")]] } }],
    ["a value is a Secret", { dnsdist: [["setUDPTimeout", Secret.fromNodeFile("/etc/password")]] }],
    ["a word is a token", { haproxy: { global: [["description", Token.asString(Fn.upper("a"))]] } }],
    ["a value is a token", { dnsdist: [["setUDPTimeout", Token.asNumber(Fn.max([1, 2]))]] }],
    ["a section is none of those", { haproxy: { frontend: [["description", "a"]] } }],
    ["a daemon is none of a load balancer", { unbound: [] }],
    ["HAProxy's threads are counted", { haproxy: { global: [["nbthread", "4"]] } }],
    ["HAProxy's connections are counted", { haproxy: { global: [["maxconn", "100"]] } }],
    ["HAProxy has another socket", { haproxy: { global: [["stats", "socket", "/tmp/a"]] } }],
    ["HAProxy has other rights", { haproxy: { global: [["user", "root"], ["chroot", "/"], ["daemon"]] } }],
    ["HAProxy's buffers hold no message", { haproxy: { global: [["tune.bufsize", "8192"]] } }],
    ["HAProxy has other times", { haproxy: { defaults: [["timeout", "tunnel", "1h"]] } }],
    ["HAProxy has another mode", { haproxy: { defaults: [["mode", "http"]] } }],
    ["HAProxy tries again otherwise", { haproxy: { defaults: [["no", "option", "redispatch"]] } }],
    ["dnsdist is told Lua", { dnsdist: [["os.execute('id') --"]] }],
    ["dnsdist is told a text", { dnsdist: ["setUDPTimeout(2)"] }],
    ["dnsdist is told a list", { dnsdist: [["setRingBuffersSize", [1]]] }],
    ["dnsdist is told an object", { dnsdist: [{ call: "setUDPTimeout", args: [2] }] }],
    ["dnsdist is told a text for a number", { dnsdist: [["setUDPTimeout", "soon"]] }],
    ["dnsdist is told a number for a flag", { dnsdist: [["setVerboseHealthChecks", 1]] }],
    ["dnsdist is told less than nothing", { dnsdist: [["setRingBuffersSize", -1]] }],
    ["dnsdist would take another number", { dnsdist: [["setPayloadSizeOnSelfGeneratedAnswers", 4_096]] }],
    ["dnsdist is told too little", { dnsdist: [["setUDPTimeout"]] }],
    ["dnsdist is told one too many", { dnsdist: [["setUDPTimeout", 2, 3]] }],
    ["dnsdist is told no number", { dnsdist: [["setUDPTimeout", Number.NaN]] }],
    ["dnsdist is told half a text", { dnsdist: [["setUDPTimeout", "\ud800"]] }],
    ["dnsdist is told nothing", { dnsdist: [[]] }],
    ["dnsdist listens elsewhere", { dnsdist: [["addLocal", "0.0.0.0:54"]] }],
    ["dnsdist has another key", { dnsdist: [["setKey", "secret"]] }],
    ["dnsdist has a server", { dnsdist: [["newServer", "192.0.2.1"]] }],
    ["dnsdist has a policy of its own", { dnsdist: [["setServerPolicyLua", "p", "code"]] }],
    ["keepalived speaks another version", { keepalived: [["vrrp_version", "2"]] }],
    ["keepalived runs checks as another", { keepalived: [["script_user", "root"]] }],
    ["keepalived is told a block", { keepalived: [["vrrp_instance", "x", "{"]] }],
    ["keepalived is told what it cannot quote", { keepalived: [["smtp_helo_name", 'a" }']] }],
    ["keepalived is told too much", { keepalived: [["smtp_helo_name", "x".repeat(1_100)]] }],
  ])("fails when %s", (_, extra) => {
    const refused = refusal(() => givenPair(extra as HaPairExtraOptions));
    expect(refused).toMatchSnapshot();
    for (const line of refused.split("\n")) expect(line).toMatch(/^\[prod\/Dns\] 'extra\.[^']+' .* \[DNSLB\d{3}\]$/);
    expect(refused).not.toMatch(/secret|password/);
  });

  test("fails when it is for keepalived and no pair is there", () => {
    const stack = newStack();
    const node = new FakeNode(stack, "Lb1", ["10.0.0.2"]);
    const extra: HaPairExtraOptions = { keepalived: [["vrrp_rt_priority", "50"] satisfies KeepalivedLine] };
    expect(refusal(() => new StandaloneLoadBalancer(stack, "Dns", { node, extra }))).toMatchInlineSnapshot(
      `"[prod/Dns] 'extra.keepalived' is no property of StandaloneLoadBalancer, it takes 'haproxy', 'dnsdist' [DNSLB101]"`,
    );
  });

  test("fails when a node has it, because both nodes of a pair must agree", () => {
    const props = { address: "10.0.0.2", extra: { haproxy: {} } };
    expect(refusal(() => new DockerNode(newStack(), "Lb1", props as never))).toMatchInlineSnapshot(
      `"[prod/Lb1] 'extra' is no property of DockerNode, 'extra' of the load balancer is the same on all of its nodes [DNSLB101]"`,
    );
  });

  test("fails when a DotListener has it", () => {
    const { stack, frontend } = givenPair({});
    expect(refusal(() => new DotListener(stack, "Dot", { frontend, extra: {} } as never))).toMatchInlineSnapshot(`
      "[prod/Dot] 'certificate' is required: Certificate.fromLocalFile(), or another Certificate, to terminate TLS on the node; or give 'passThrough', to let the servers do so [DNSLB102]
      [prod/Dot] 'extra' is no property of DotListener, 'extra' of its frontend is for all listeners of that [DNSLB101]"
    `);
  });
});
