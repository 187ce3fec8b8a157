import { describe, expect } from "vitest";
import { call, type DnsdistSetting, list } from "../../lib/config/dnsdist/model.js";
import type { Directive } from "../../lib/config/haproxy/model.js";
import type { KeepalivedLine } from "../../lib/config/keepalived/model.js";
import { Certificate } from "../../lib/dns/certificate.js";
import { DotListener } from "../../lib/dns/dot-listener.js";
import type { FrontendExtraOptions } from "../../lib/dns/extra/frontend-extra.js";
import type { HaPairExtraOptions } from "../../lib/ha/extra.js";
import { HaPair } from "../../lib/ha/ha-pair.js";
import { dnsLbMatchers } from "../../lib/testing/matchers.js";
import { type NodeUnderTest, nodesOf } from "../../lib/testing/nodes-of.js";
import { FakeNode, newStack, resolverPool } from "../constructs.js";
import { testWith } from "./config/daemon.js";

expect.extend(dnsLbMatchers);

const testWithDaemons = testWith("haproxy", "keepalived", "dnsdist", "openssl", "unshare");

function nodeWith(extra: HaPairExtraOptions, ofFrontend: FrontendExtraOptions = {}): NodeUnderTest {
  const stack = newStack();
  const lb = new HaPair(stack, "Dns", {
    nodes: [new FakeNode(stack, "Lb1", ["10.0.0.2"]), new FakeNode(stack, "Lb2", ["10.0.0.3"])],
    virtualAddresses: [{ address: "10.0.0.53" }],
    virtualRouterId: 53,
    extra,
  });
  const frontend = lb.addDnsFrontend("Internal", {
    ...{ pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"], extra: ofFrontend },
  });
  new DotListener(stack, "Dot", { frontend, certificate: Certificate.fromLocalFile("certs/dns.pem") });
  const [node] = nodesOf(stack);
  if (node === undefined) throw new RangeError("no node");
  return node;
}

const GLOBAL: readonly Directive[] = [
  ["busy-polling"],
  ["no", "numa-cpu-mapping"],
  ["description", `it's "here" \\ # $HOME }`],
  ["node", "lb"],
  ["noepoll"],
  ["tune.bufsize", "32768"],
  ["tune.buffers.reserve", "4"],
  ["tune.maxaccept", "64"],
  ["tune.pool-high-fd-ratio", "30"],
  ["tune.rcvbuf.client", "65536"],
  ["tune.ssl.force-private-cache"],
  ["tune.ssl.lifetime", "600"],
];

const DEFAULTS: readonly Directive[] = [
  ["option", "tcpka"],
  ["option", "splice-auto"],
  ["clitcpka-idle", "30s"],
  ["log-tag", "dns"],
];

const FRONTEND: readonly Directive[] = [
  ["description", "the listeners of # the office"],
  ["rate-limit", "sessions", "5000"],
  ["option", "socket-stats"],
  ["no", "option", "tcp-smart-accept"],
  ["declare", "capture", "request", "len", "32"],
];

const KEEPALIVED: readonly KeepalivedLine[] = [
  ["vrrp_rt_priority", "50"],
  ["vrrp_rlimit_rttime", "10000"],
  ["vrrp_no_swap"],
  ["vrrp_netlink_monitor_rcv_bufs", "1048576"],
  ["log_unknown_vrids"],
  ["smtp_helo_name", "the # } lb"],
];

const DNSDIST: readonly DnsdistSetting[] = [
  ["setAddEDNSToSelfGeneratedResponses", true],
  ["setCacheCleaningDelay", 30],
  ["setMaxCachedTCPConnectionsPerDownstream", 20],
  ["setMaxTCPClientThreads", 20],
  ["setMaxTCPQueriesPerConnection", 1_000],
  ["setPayloadSizeOnSelfGeneratedAnswers", 1_400],
  ["setRingBuffersSize", 20_000, 4],
  ["setTCPDownstreamCleanupInterval", 30],
  ["setUDPTimeout", 3],
  ["setVerboseHealthChecks", true],
];

const RULES = [
  { rule: call("QNameLabelsCountRule", 0, 8), action: call("DropAction") },
  { rule: call("AndRule", list(call("EDNSOptionRule", 10), call("RDRule"))), action: call("SetSkipCacheAction") },
  {
    rule: call("SuffixMatchNodeRule", call("suffixes", list('a"]].\\127.test.'))),
    action: call("SpoofAction", "192.0.2.1"),
  },
];

testWithDaemons("the daemons take, without a word, what may be given in extra", async () => {
  const haproxy = { global: GLOBAL, defaults: DEFAULTS };
  const extra = { haproxy, dnsdist: DNSDIST, keepalived: KEEPALIVED };
  await expect(nodeWith(extra, { haproxy: FRONTEND, dnsdist: RULES })).toPassDaemonChecks();
});

describe("a daemon's own words tell of what it does not take", () => {
  const cases: readonly [string, HaPairExtraOptions, FrontendExtraOptions, RegExp][] = [
    [
      "HAProxy's global",
      { haproxy: { global: [["tune.maxaccept", "many", "more"]] } },
      {},
      /haproxy: .*tune\.maxaccept/s,
    ],
    ["a place of HAProxy", { haproxy: { global: [["option", "tcpka"]] } }, {}, /haproxy: .*unknown keyword 'option'/s],
    ["HAProxy's defaults", { haproxy: { defaults: [["option", "none-such"]] } }, {}, /haproxy: .*none-such/s],
    ["HAProxy's frontend", {}, { haproxy: [["rate-limit", "queries", "5"]] }, /haproxy: .*rate-limit/s],
    ["a warning of HAProxy", {}, { haproxy: [["http-reuse", "always"]] }, /haproxy: .*http-reuse/s],
    ["a rule", {}, { dnsdist: [{ rule: call("QNameLabelsCountRule", "x"), action: call("DropAction") }] }, /dnsdist: /],
    ["keepalived.conf", { keepalived: [["vrrp_rt_priority", "fast"]] }, {}, /keepalived: .*fast/s],
  ];
  for (const [name, extra, ofFrontend, words] of cases) {
    testWithDaemons(`fails when it is of ${name}`, async () => {
      await expect(expect(nodeWith(extra, ofFrontend)).toPassDaemonChecks()).rejects.toThrow(words);
    });
  }
});
