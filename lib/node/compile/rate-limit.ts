import { call, constant, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { Directive, HaproxySection } from "../../config/haproxy/model.js";
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
  const period = connections === undefined ? 10_000 : connections.period;
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
  const table = clientsTable(frontend);
  const reached = (counter: string, limit: number): Directive => [
    ...(["tcp-request", "connection", "reject"] as const),
    ...["if", "{", `${client},${counter}(${table})`, "ge", String(limit), "}"],
  ];
  return [
    // Before the connection is counted: a client that keeps trying stays at its limit, and is not shut out for good.
    ...(connections === undefined ? [] : [reached("table_conn_rate", connections.events)]),
    ...(concurrentConnections === undefined ? [] : [reached("table_conn_cur", concurrentConnections)]),
    ["tcp-request", "connection", "track-sc0", client, "table", table],
  ];
}

/** dnsdist's rules on queries beyond the rate: a token bucket that holds the events of one period. */
export function dnsdistRateLimit(frontend: Frontend): DnsdistRule[] {
  const { queries, exceeded } = frontend.rateLimit ?? {};
  if (queries === undefined) return [];
  const { events, period, text } = queries;
  const beyond = (bucket: string) =>
    call(
      "limiter",
      `${frontend.name}: ${bucket}`,
      constant("MaxQPSIPRule"),
      Math.max(1, Math.round((events * 1_000) / period)),
      IPV4_CLIENT_BITS,
      IPV6_CLIENT_BITS,
      events,
    );
  const name = `${frontend.name}: queries beyond ${text}`;
  if (exceeded !== "truncate") {
    return [rule(name, allOf(toFrontend(frontend), beyond("queries")), exceeded === "refuse" ? REFUSE : DROP)];
  }
  // A bucket for each transport: whoever forges a client's address over UDP empties the one for UDP alone.
  return [
    rule(`${name}, UDP`, allOf(toFrontend(frontend), over("udp"), beyond("queries over UDP")), call("TCAction")),
    rule(`${name}, TCP`, allOf(toFrontend(frontend), over("tcp"), beyond("queries over TCP")), REFUSE),
  ];
}
