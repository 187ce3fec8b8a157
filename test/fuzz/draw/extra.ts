import { call, constant, list, record } from "../../../lib/config/dnsdist/model.js";
import type { Value } from "../plan.js";
import type { Draw } from "./draw.js";

/** A text of a user's own, which daemons repeat and do not understand. */
const text = (draw: Draw) => draw.pick(["near the sea", 'it\'s "here" # \\ $HOME }', "%[src] ${x} %{y}", "]] -- x"]);

/** Settings of a load balancer that the daemons of both releases take. */
export function loadBalancerExtra(draw: Draw, isPair: boolean): Value {
  return draw.some(
    {
      haproxy: () => draw.some({ global: () => global(draw), defaults: () => defaults(draw) }, 70),
      dnsdist: () => draw.several<Value>(SETTINGS),
      // Where there is no keepalived, now and then.
      ...(isPair || draw.whole(0, 19) === 7 ? { keepalived: () => draw.several<Value>(LINES) } : {}),
    },
    60,
  );
}

function global(draw: Draw): Value[] {
  return [
    ...draw.several<Value>([
      ["tune.bufsize", draw.pick(["16384", "32768", "8192"])],
      ["busy-polling"],
      ["no", "busy-polling"],
      ["tune.maxaccept", "64"],
      ["tune.ssl.lifetime", "600"],
    ]),
    ...(draw.chance(50) ? [["description", text(draw)]] : []),
    ...(draw.whole(0, 39) === 7 ? [[draw.pick(["maxconn", "nbthread", "user", "log"]), "1"]] : []),
  ];
}

function defaults(draw: Draw): Value[] {
  return draw.several<Value>([
    ["option", "tcpka"],
    ["no", "option", "tcp-smart-connect"],
    ["clitcpka-idle", "30s"],
  ]);
}

const SETTINGS: readonly [Value, ...Value[]] = [
  ["setRingBuffersSize", 20_000, 4],
  ["setUDPTimeout", 3],
  ["setVerboseHealthChecks", false],
  ["setCacheCleaningDelay", 30],
  ["setPayloadSizeOnSelfGeneratedAnswers", 1_400],
];

const LINES: readonly [Value, ...Value[]] = [
  ["vrrp_no_swap"],
  ["vrrp_rlimit_rttime", "10000"],
  ["log_unknown_vrids"],
  ["smtp_helo_name", "the # } lb"],
];

/** Settings of a frontend that the daemons of both releases take. */
export function frontendExtra(draw: Draw, inspected: boolean): Value {
  const isJudged = inspected || draw.whole(0, 19) === 7;
  return draw.some(
    {
      haproxy: () => [
        ...draw.several<Value>([
          ["rate-limit", "sessions", "5000"],
          ["option", "socket-stats"],
          ["option", "splice-auto"],
        ]),
        ...(draw.chance(50) ? [["description", text(draw)]] : []),
      ],
      ...(isJudged ? { dnsdist: () => draw.list(1, 2, () => rule(draw)) } : {}),
    },
    60,
  );
}

function rule(draw: Draw): Value {
  const selector = draw.pick([
    call("QNameLabelsCountRule", 0, 20),
    call("EDNSOptionRule", 65_001),
    call("AndRule", list(call("RDRule"), call("NotRule", call("DNSSECRule")), call("QTypeRule", 65_280))),
    call("SuffixMatchNodeRule", call("suffixes", list("extra.test.", 'a"b\\127.test.'))),
    call("NetmaskGroupRule", call("netmasks", list("198.51.100.0/24", "2001:db8:bad::/48")), true),
  ]);
  const action = draw.pick([
    call("DropAction"),
    call("RCodeAction", constant("DNSRCode.REFUSED")),
    call("SpoofAction", list("192.0.2.1", "2001:db8::1"), record({ ttl: 60, aa: false })),
    call("SetSkipCacheAction"),
    draw.whole(0, 19) === 7 ? call("PoolAction", "resolvers") : call("TCAction"),
  ]);
  return { rule: selector, action } as unknown as Value;
}
