import { describe, expect, test } from "vitest";
import {
  haproxyConnectionsTable,
  haproxyFirstMessage,
  haproxyHandshakeTimeout,
  spareConnections,
  withLimits,
} from "../../../lib/node/compile/connections.js";
import { directiveLines } from "./render.js";

test("a listener has its share, and a client a part of it once half of it is taken", () => {
  const section = { kind: "frontend", name: "internal", directives: [["mode", "tcp"]] } as const;
  expect(directiveLines(withLimits(section, { share: 1_951, client: 100 }).directives)).toEqual([
    "maxconn 1951",
    "backlog 976",
    "stick-table type ipv6 size 10k expire 10s store conn_cur",
    "tcp-request connection reject if { fe_conn ge 976 } { src,ipmask(32,64),table_conn_cur(internal) ge 100 }",
    "tcp-request connection track-sc1 src,ipmask(32,64)",
    "mode tcp",
  ]);
});

test("a listener takes what others leave, up to what is spare, and its share when nothing else is left", () => {
  const section = { kind: "frontend", name: "internal", directives: [["mode", "tcp"]] } as const;
  const share = { sure: 975, most: 3_900 };
  const limits = { share: share.sure, ...spareConnections(share), client: 100 };
  expect(directiveLines(withLimits(section, limits).directives)).toEqual([
    "maxconn 3900",
    "backlog 1950",
    "stick-table type ipv6 size 10k expire 10s store conn_cur",
    "tcp-request connection reject if { fe_conn ge 488 } { src,ipmask(32,64),table_conn_cur(internal) ge 100 }",
    "tcp-request connection reject if { fe_conn ge 975 } { int(0),table_conn_cur(connections:node) ge 3900 }",
    "tcp-request connection track-sc1 src,ipmask(32,64)",
    "tcp-request connection track-sc2 int(0) table connections:node",
    "mode tcp",
  ]);
  const [table] = haproxyConnectionsTable(share);
  expect(table?.name).toBe("connections:node");
  expect(directiveLines(table?.directives ?? [])).toEqual([
    "stick-table type integer size 1k expire 10s store conn_cur",
  ]);
  expect(haproxyConnectionsTable({ sure: 3_900, most: 3_900 })).toEqual([]);
});

describe("the first message", () => {
  test("is there within 5 s, whole or too long for HAProxy's buffer, or the connection ends", () => {
    expect(directiveLines(haproxyFirstMessage())).toEqual([
      "tcp-request inspect-delay 5s",
      "tcp-request content reject if { req.payload(0,2) -m bin 0000 }",
      "tcp-request content accept if { req.payload_lv(0,2) -m found }",
      "tcp-request content accept if { req.len ge 8192 }",
      "tcp-request content reject if WAIT_END",
    ]);
  });

  test("comes after a handshake that has 5 s too, where HAProxy can tell", () => {
    expect(directiveLines(haproxyHandshakeTimeout(true))).toEqual(["timeout client-hs 5s"]);
    expect(haproxyHandshakeTimeout(false)).toEqual([]);
  });
});
