import { call, constant, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { Directive, HaproxySection } from "../../config/haproxy/model.js";
import { InternalError } from "../../core/errors.js";
import { parseRate, type Rate, type RateParts } from "../../core/rate.js";
import type { Frontend } from "../../model/frontend.js";
import { allOf, DROP, over, REFUSE, rule, toFrontend } from "./dnsdist-terms.js";
import { clientsTable } from "./names.js";

/*
 * What one client may do: HAProxy counts connections, dnsdist counts queries. A client is an IPv4 address or an IPv6
 * /64, the least that a network is assigned (RFC 6177).
 */
const IPV4_CLIENT_BITS = 32;
const IPV6_CLIENT_BITS = 64;

/** The table in which HAProxy counts the clients of a frontend, on plain TCP and TLS together. */
export function haproxyClientsTable(frontend: Frontend): HaproxySection[] {
  const { connections, concurrentConnections } = frontend.rateLimit ?? {};
  if (connections === undefined && concurrentConnections === undefined) return [];
  const period = connections === undefined ? 10_000 : parts(connections).period;
  return [
    {
      kind: "backend",
      name: clientsTable(frontend),
      directives: [
        [
          "stick-table",
          ...["type", "ipv6", "size", "100k", "expire", `${period * 2}ms`],
          ...["store", `conn_cur,conn_rate(${period}ms)`],
        ],
      ],
    },
  ];
}

/** HAProxy's rules that count a connection and turn it away beyond the limit. */
export function haproxyRateLimit(frontend: Frontend): Directive[] {
  const { connections, concurrentConnections } = frontend.rateLimit ?? {};
  if (connections === undefined && concurrentConnections === undefined) return [];
  const client = `src,ipmask(${IPV4_CLIENT_BITS},${IPV6_CLIENT_BITS})`;
  const rules: Directive[] = [["tcp-request", "connection", "track-sc0", client, "table", clientsTable(frontend)]];
  const beyond = (counter: string, limit: number): Directive => [
    ...(["tcp-request", "connection", "reject"] as const),
    ...["if", "{", counter, "gt", String(limit), "}"],
  ];
  if (connections !== undefined) rules.push(beyond("sc0_conn_rate", parts(connections).events));
  if (concurrentConnections !== undefined) rules.push(beyond("sc0_conn_cur", concurrentConnections));
  return rules;
}

/** dnsdist's rules on queries beyond the rate: a token bucket that holds the events of one period. */
export function dnsdistRateLimit(frontend: Frontend): DnsdistRule[] {
  const { queries, exceeded } = frontend.rateLimit ?? {};
  if (queries === undefined) return [];
  const { events, period } = parts(queries);
  const beyond = call(
    "limiter",
    `${frontend.name}: queries`,
    constant("MaxQPSIPRule"),
    Math.max(1, Math.round((events * 1_000) / period)),
    IPV4_CLIENT_BITS,
    IPV6_CLIENT_BITS,
    events,
  );
  const name = `${frontend.name}: queries beyond ${queries}`;
  if (exceeded !== "truncate") {
    return [rule(name, allOf(toFrontend(frontend), beyond), exceeded === "refuse" ? REFUSE : DROP)];
  }
  return [
    rule(`${name}, UDP`, allOf(toFrontend(frontend), over("udp"), beyond), call("TCAction")),
    rule(`${name}, TCP`, allOf(toFrontend(frontend), over("tcp"), beyond), REFUSE),
  ];
}

function parts(rate: Rate): RateParts {
  const parsed = parseRate(rate);
  if (parsed === undefined) throw new InternalError(`the model holds ${JSON.stringify(rate)} as a rate`);
  return parsed;
}
