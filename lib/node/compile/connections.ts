import type { Directive, HaproxySection } from "../../config/haproxy/model.js";
import type { Duration } from "../../core/duration.js";
import type { ConnectionShare } from "../../model/connection-share.js";
import { CONNECTIONS } from "./names.js";
import { HAPROXY_CLIENT } from "./rate-limit.js";

/*
 * Who may hold the connections of HAProxy's listeners, so that silent or slow clients do not keep others away.
 */

/** How long a client may take for the TLS handshake, and for its first message. */
export const FIRST_MESSAGE_TIMEOUT: Duration = "5s";

/*
 * The bytes of a first message after which it need not be complete. HAProxy has one buffer of 16 kB for a message, DNS
 * messages have up to 64 kB.
 */
const LONG_MESSAGE = 8_192;

/** What a listener of HAProxy may hold. */
export interface ConnectionLimits {
  /** The connections of the listener. */
  readonly share: number;
  /** What it may hold beyond its share while others leave it; nothing if absent. */
  readonly spare?: SpareConnections;
  /** The connections of one client while the listener is at least half full. */
  readonly client: number;
}

/** Connections that are nobody's share. */
export interface SpareConnections {
  /** The most connections of the listener. */
  readonly most: number;
  /** With as many connections of all listeners together, only shares are left. */
  readonly total: number;
}

/** What the listeners may hold beyond their shares; nothing where these are all that there is. */
export function spareConnections({ sure, most }: ConnectionShare): { readonly spare?: SpareConnections } {
  return most > sure ? { spare: { most, total: most } } : {};
}

/** The key under which the connections of all listeners are counted. */
const ALL = "int(0)";

/** The table that counts them, where listeners may hold more than their shares: HAProxy 2.6 cannot ask for their number. */
export function haproxyConnectionsTable(share: ConnectionShare): HaproxySection[] {
  if (spareConnections(share).spare === undefined) return [];
  const table: Directive = ["stick-table", "type", "integer", "size", "1k", "expire", "10s", "store", "conn_cur"];
  return [{ kind: "backend", name: CONNECTIONS, directives: [table] }];
}

/**
 * Limits a listener to its share of the node's connections, and to what is spare, so that a flood on one does not affect
 * others and the probes, and each client to a part of a share that becomes scarce. Each listener counts its own
 * connections: a client with many of them over TLS still gets a plain one.
 */
export function withLimits(section: HaproxySection, { share, spare, client }: ConnectionLimits): HaproxySection {
  const { name = "", directives } = section;
  const most = spare?.most ?? share;
  const half = String(Math.ceil(share / 2));
  const held = `${HAPROXY_CLIENT},table_conn_cur(${name})`;
  return {
    ...section,
    directives: [
      ["maxconn", String(most)],
      // Connections that wait for a full listener. The default, its share, would fill it again with what a flood left.
      ["backlog", String(Math.ceil(most / 2))],
      // Larger than all shares together: HAProxy never forgets a client that has a connection.
      ["stick-table", "type", "ipv6", "size", "10k", "expire", "10s", "store", "conn_cur"],
      [
        ...(["tcp-request", "connection", "reject", "if"] as const),
        ...["{", "fe_conn", "ge", half, "}", "{", held, "ge", String(client), "}"],
      ],
      ...beyondShare(share, spare),
      ["tcp-request", "connection", "track-sc1", HAPROXY_CLIENT],
      ...(spare === undefined ? [] : [["tcp-request", "connection", "track-sc2", ALL, "table", CONNECTIONS] as const]),
      ...directives,
    ],
  };
}

/** Refuses connections beyond the share of a listener when nothing but shares is left. */
function beyondShare(share: number, spare: SpareConnections | undefined): Directive[] {
  if (spare === undefined) return [];
  const all = `${ALL},table_conn_cur(${CONNECTIONS})`;
  return [
    [
      ...(["tcp-request", "connection", "reject", "if"] as const),
      ...["{", "fe_conn", "ge", String(share), "}", "{", all, "ge", String(spare.total), "}"],
    ],
  ];
}

/**
 * Ends connections whose first message is not there in time, before a server sees anything of them. Later messages are
 * not read: a client that has asked once may be slow or idle within its timeout.
 */
export function haproxyFirstMessage(): Directive[] {
  const content = ["tcp-request", "content"] as const;
  return [
    ["tcp-request", "inspect-delay", FIRST_MESSAGE_TIMEOUT],
    // A length of zero is no message; HAProxy would wait for its content.
    [...content, "reject", "if", "{", "req.payload(0,2)", "-m", "bin", "0000", "}"],
    [...content, "accept", "if", "{", "req.payload_lv(0,2)", "-m", "found", "}"],
    [...content, "accept", "if", "{", "req.len", "ge", String(LONG_MESSAGE), "}"],
    [...content, "reject", "if", "WAIT_END"],
  ];
}

/** Ends connections that do not begin with the ClientHello of TLS in time, before a server sees anything of them. */
export function haproxyClientHello(): Directive[] {
  const content = ["tcp-request", "content"] as const;
  return [
    ["tcp-request", "inspect-delay", FIRST_MESSAGE_TIMEOUT],
    [...content, "accept", "if", "{", "req.ssl_hello_type", "1", "}"],
    [...content, "reject"],
  ];
}

/** Ends connections whose TLS handshake is not done in time, where HAProxy can; else `timeout client` does. */
export function haproxyHandshakeTimeout(limited: boolean): Directive[] {
  return limited ? [["timeout", "client-hs", FIRST_MESSAGE_TIMEOUT]] : [];
}
