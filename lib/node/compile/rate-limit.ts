import { call, constant, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { Directive, HaproxySection } from "../../config/haproxy/model.js";
import type { Frontend } from "../../model/frontend.js";
import { toFrontend } from "./dnsdist-frontend.js";
import { allOf, DROP, over, REFUSE, rule } from "./dnsdist-terms.js";
import { clientsTable } from "./names.js";

/*
 * The limits of one client: HAProxy counts connections, dnsdist counts queries. A client is an IPv4 address or an IPv6
 * /64, the smallest assignment to a site (RFC 6177).
 */
const IPV4_CLIENT_BITS = 32;
const IPV6_CLIENT_BITS = 64;

/** Seconds for which a client without queries is remembered at most. */
const LONGEST_MEMORY = 300;
/** Seconds between two rounds in which dnsdist forgets clients. */
const CLEANUP_DELAY = 2;
/** The part of the clients that a round looks at is one in so many. */
const WHOLE_TABLE = 1;

/** The client of a connection, as HAProxy's stick tables have it. */
export const HAPROXY_CLIENT = `src,ipmask(${IPV4_CLIENT_BITS},${IPV6_CLIENT_BITS})`;

/** HAProxy's stick table for the clients of a frontend, on plain TCP and TLS together. */
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

/** HAProxy's rules that count connections and reject those beyond the limit. */
export function haproxyRateLimit(frontend: Frontend): Directive[] {
  const { connections, concurrentConnections } = frontend.rateLimit ?? {};
  if (connections === undefined && concurrentConnections === undefined) return [];
  const table = clientsTable(frontend);
  const reached = (counter: string, limit: number): Directive => [
    ...(["tcp-request", "connection", "reject"] as const),
    ...["if", "{", `${HAPROXY_CLIENT},${counter}(${table})`, "ge", String(limit), "}"],
  ];
  return [
    // Checked before the connection is counted, so that rejected connections do not count and a client that keeps
    // trying is not blocked forever.
    ...(connections === undefined ? [] : [reached("table_conn_rate", connections.events)]),
    ...(concurrentConnections === undefined ? [] : [reached("table_conn_cur", concurrentConnections)]),
    ["tcp-request", "connection", "track-sc0", HAPROXY_CLIENT, "table", table],
  ];
}

/** dnsdist's rules for queries beyond the rate: a token bucket with the size of one period's queries. */
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
      // Seconds for which an idle client is remembered: after a period its bucket is full, as a new one is. Without these
      // three, forged clients would stay for 300 s.
      Math.min(LONGEST_MEMORY, Math.ceil(period / 1_000)),
      CLEANUP_DELAY,
      WHOLE_TABLE,
    );
  const name = `${frontend.name}: queries beyond ${text}`;
  if (exceeded !== "truncate") {
    return [rule(name, allOf(toFrontend(frontend), beyond("queries")), exceeded === "refuse" ? REFUSE : DROP)];
  }
  // A bucket for each transport: UDP queries with a forged client address do not use up the client's TCP limit.
  return [
    rule(`${name}, UDP`, allOf(toFrontend(frontend), over("udp"), beyond("queries over UDP")), call("TCAction")),
    rule(`${name}, TCP`, allOf(toFrontend(frontend), over("tcp"), beyond("queries over TCP")), REFUSE),
  ];
}
