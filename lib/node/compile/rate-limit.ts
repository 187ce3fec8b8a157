import { call, constant, type DnsdistRule } from "../../config/dnsdist/model.js";
import type { Directive, HaproxySection } from "../../config/haproxy/model.js";
import { perSecond } from "../../core/rate.js";
import type { Frontend } from "../../model/frontend.js";
import type { ReleaseFile } from "../../model/node-spec.js";
import type { NodePaths, PlatformProfile } from "../../model/platform-profile.js";
import type { RateLimit } from "../../model/rate-limit.js";
import { featuresOf, type NodeFeatures } from "../features.js";
import { networkList } from "./access.js";
import { toFrontend } from "./dnsdist-frontend.js";
import { allOf, DROP, from, over, REFUSE, rule } from "./dnsdist-terms.js";
import { clientsBytesTable, clientsTable, LOCAL_PEER, PEERS } from "./names.js";

/*
 * The limits of one client: HAProxy counts connections and bytes, dnsdist counts queries.
 */

/** Seconds for which a client without queries is remembered at most. */
const LONGEST_MEMORY = 300;
/** Seconds between two rounds in which dnsdist forgets clients. */
const CLEANUP_DELAY = 2;
/** The part of the clients that a round looks at is one in so many. */
const WHOLE_TABLE = 1;
/** Milliseconds of HAProxy's counter of connections where they are not limited. */
const DEFAULT_PERIOD = 10_000;
/** Milliseconds over which HAProxy averages the bytes that it holds back. */
const SECOND = 1_000;
/** HAProxy's filter that holds bytes back. */
const BANDWIDTH = "client-bytes";
/** The socket by which a process that is replaced gives its counters to the next. */
const PEERS_SOCKET = "haproxy-peers.sock";

/** The client of a connection, as the stick tables have it of which a client shall not take more than its part. */
export const HAPROXY_CLIENT = haproxyClient({ ipv4: 32, ipv6: 64 });

function haproxyClient({ ipv4, ipv6 }: RateLimit["per"]): string {
  return `src,ipmask(${ipv4},${ipv6})`;
}

/** What HAProxy counts of the clients of a frontend. */
interface Counted extends RateLimit {
  /** The limit of new connections by bytes, where HAProxy cannot hold bytes back. */
  readonly rejectBytes: RateLimit["bytesOut"];
  /** The limit of bytes of all connections, where it can. */
  readonly holdBytes: RateLimit["bytesOut"];
  readonly hasTable: boolean;
}

function counted({ rateLimit }: Frontend, { bandwidthLimits }: NodeFeatures): Counted | undefined {
  if (rateLimit === undefined) return undefined;
  const { connections, concurrentConnections, bytesOut } = rateLimit;
  const rejectBytes = bandwidthLimits ? undefined : bytesOut;
  const holdBytes = bandwidthLimits ? bytesOut : undefined;
  const hasTable = [connections, concurrentConnections, rejectBytes].some((limit) => limit !== undefined);
  return hasTable || holdBytes !== undefined ? { ...rateLimit, rejectBytes, holdBytes, hasTable } : undefined;
}

/** HAProxy's stick tables for the clients of a frontend, on plain TCP and TLS together. */
export function haproxyClientsTable(frontend: Frontend, features: NodeFeatures): HaproxySection[] {
  const limits = counted(frontend, features);
  if (limits === undefined) return [];
  const { connections, rejectBytes, holdBytes, hasTable } = limits;
  const period = connections === undefined ? DEFAULT_PERIOD : connections.period;
  const longest = Math.max(period, rejectBytes?.period ?? 0);
  const bytes = rejectBytes === undefined ? [] : [`bytes_out_rate(${rejectBytes.period}ms)`];
  const store = ["conn_cur", `conn_rate(${period}ms)`, ...bytes];
  return [
    ...(hasTable ? [table(clientsTable(frontend), longest * 2, store, ["peers", PEERS])] : []),
    ...(holdBytes === undefined
      ? []
      : [table(clientsBytesTable(frontend), SECOND * 2, [`bytes_out_rate(${SECOND}ms)`])]),
  ];
}

function table(name: string, expire: number, store: readonly string[], peers: readonly string[] = []): HaproxySection {
  const size = ["type", "ipv6", "size", "100k", "expire", `${expire}ms`] as const;
  return {
    kind: "backend",
    name,
    directives: [["stick-table", ...size, "store", store.join(","), ...peers]],
  };
}

/**
 * HAProxy as its own peer: when a process is replaced, it gives its counters to the new one. HAProxy leaves out those of
 * open connections, which each process has for itself.
 */
export function haproxyPeers(frontends: readonly Frontend[], { versions, paths }: PlatformProfile): HaproxySection[] {
  if (!hasPeers(frontends, featuresOf(versions))) return [];
  return [
    {
      kind: "peers",
      name: PEERS,
      directives: [
        ["bind", `unix@${peersSocket(paths)}`, "mode", "600"],
        ["server", LOCAL_PEER],
      ],
    },
  ];
}

/** The name that HAProxy has among its peers. */
export function haproxyLocalPeer(frontends: readonly Frontend[], { versions }: PlatformProfile): Directive[] {
  return hasPeers(frontends, featuresOf(versions)) ? [["localpeer", LOCAL_PEER]] : [];
}

function hasPeers(frontends: readonly Frontend[], features: NodeFeatures): boolean {
  return frontends.some((frontend) => counted(frontend, features)?.hasTable);
}

function peersSocket({ run }: NodePaths): string {
  return `${run}/${PEERS_SOCKET}`;
}

/** HAProxy's file with the networks whose clients have no limits. */
export function haproxyExemptLists({ name, rateLimit }: Frontend): ReleaseFile[] {
  const exempt = rateLimit?.exempt ?? [];
  return exempt.length === 0 ? [] : [networkList(exemptList(name), exempt)];
}

/** HAProxy's rules that count connections and bytes, and reject or hold back those beyond the limit. */
export function haproxyRateLimit(frontend: Frontend, features: NodeFeatures): Directive[] {
  const limits = counted(frontend, features);
  if (limits === undefined) return [];
  const { connections, concurrentConnections, rejectBytes, holdBytes, exempt, hasTable } = limits;
  const client = haproxyClient(limits.per);
  const clients = clientsTable(frontend);
  const source = exempt.length === 0 ? [] : ["src", "-f", exemptList(frontend.name)];
  const unlessExempt = source.length === 0 ? [] : ["unless", "{", ...source, "}"];
  const reached = (counter: string, limit: number): Directive => [
    ...(["tcp-request", "connection", "reject", "if"] as const),
    ...["{", `${client},${counter}(${clients})`, "ge", String(limit), "}"],
    ...(source.length === 0 ? [] : ["!{", ...source, "}"]),
  ];
  return [
    // Checked before the connection is counted, so that rejected connections do not count and a client that keeps
    // trying is not blocked forever.
    ...(connections === undefined ? [] : [reached("table_conn_rate", connections.events)]),
    ...(concurrentConnections === undefined ? [] : [reached("table_conn_cur", concurrentConnections)]),
    // HAProxy counts the bytes of a connection at its end, and with this every 5 s.
    ...(rejectBytes === undefined
      ? []
      : [reached("table_bytes_out_rate", rejectBytes.bytes), ["option", "contstats"] as const]),
    ...(hasTable
      ? [["tcp-request", "connection", "track-sc0", client, "table", clients, ...unlessExempt] as const]
      : []),
    ...(holdBytes === undefined ? [] : holdBack(frontend, client, holdBytes, unlessExempt)),
  ];
}

function holdBack(
  frontend: Frontend,
  client: string,
  { bytes, period }: NonNullable<RateLimit["bytesOut"]>,
  unlessExempt: readonly string[],
): Directive[] {
  const limit = String(Math.round((bytes * SECOND) / period));
  return [
    ["filter", "bwlim-out", BANDWIDTH, "key", client, "table", clientsBytesTable(frontend), "limit", limit],
    ["tcp-request", "content", "set-bandwidth-limit", BANDWIDTH, ...unlessExempt],
  ];
}

function exemptList(frontend: string): string {
  return `lists/${frontend}-exempt.lst`;
}

/** dnsdist's rules for queries beyond the rate: a token bucket with the size of a burst. */
export function dnsdistRateLimit(frontend: Frontend): DnsdistRule[] {
  if (frontend.rateLimit?.queries === undefined) return [];
  const { queries, exceeded, exempt, per, burst = queries.events } = frontend.rateLimit;
  const rate = perSecond(queries);
  const beyond = (bucket: string) =>
    call(
      "limiter",
      `${frontend.name}: ${bucket}`,
      constant("MaxQPSIPRule"),
      Math.max(1, Math.round(rate)),
      per.ipv4,
      per.ipv6,
      burst,
      // Seconds for which an idle client is remembered: then its bucket is full, as a new one is. Without these three,
      // forged clients would stay for 300 s.
      Math.min(LONGEST_MEMORY, Math.ceil(burst / rate)),
      CLEANUP_DELAY,
      WHOLE_TABLE,
    );
  const limited = [toFrontend(frontend), ...(exempt.length === 0 ? [] : [call("NotRule", from(exempt))])];
  const name = `${frontend.name}: queries beyond ${queries.text}`;
  if (exceeded !== "truncate") {
    return [rule(name, allOf(...limited, beyond("queries")), exceeded === "refuse" ? REFUSE : DROP)];
  }
  // A bucket for each transport: UDP queries with a forged client address do not use up the client's TCP limit.
  return [
    rule(`${name}, UDP`, allOf(...limited, over("udp"), beyond("queries over UDP")), call("TCAction")),
    rule(`${name}, TCP`, allOf(...limited, over("tcp"), beyond("queries over TCP")), REFUSE),
  ];
}
