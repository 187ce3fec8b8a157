import type { Directive, HaproxySection } from "../../config/haproxy/model.js";
import { coversFamily } from "../../core/ip.js";
import { judgesTcp, mayMatchQuery } from "../../model/access-rule.js";
import type { Frontend } from "../../model/frontend.js";
import { type LoadBalancer, poolsOf } from "../../model/load-balancer.js";
import { nodePortOf } from "../../model/node-port.js";
import type { ReleaseFile } from "../../model/node-spec.js";
import type { Pool } from "../../model/pool.js";
import type { PoolMember } from "../../model/pool-member.js";
import type { QueryType } from "../../model/query-kind.js";
import type { ServerNames } from "../daemons/daemon.js";
import { networkList } from "./access.js";
import { transferPool } from "./names.js";
import { haproxyServer } from "./pool.js";
import { haproxyProbe, haproxyProbeTiming } from "./probe.js";

/*
 * Zone transfers (RFC 5936, RFC 1995). dnsdist keeps all of a transfer that its client has not read yet, so that a few
 * slow secondaries of a large zone would take the node's memory. HAProxy therefore looks at the first message of a
 * connection: that of a permitted secondary, with a question of a transfer, goes to a server by HAProxy alone, which
 * reads from it only what the client takes. All other connections go to dnsdist, which judges every query.
 */

/* The question of a refresh, which some secondaries send first on the connection of a transfer, and of transfers. */
const TRANSFER_TYPES: readonly QueryType[] = ["SOA", "AXFR", "IXFR"];

/*
 * A message in hexadecimal: any id; a query with opcode 0; one question; a name, which ends at the first byte that is
 * zero; a type of the above; class IN. A name may hold a zero otherwise, as in `a\\000b.example`: such a message may be
 * taken for what it is not, which costs nothing, since its client may transfer.
 */
const TRANSFER_MESSAGE = "^.{4}0[0-7].{2}0001.{12}([1-9A-F].|0[1-9A-F])*0000(06|FB|FC)0001";

/**
 * Whether HAProxy passes the transfers of a frontend. Where everybody may transfer, or an access rule or a route judges
 * transfers by what is asked, dnsdist does.
 */
function passesTransfers({ tcpPath, pool: { zoneTransfer }, accessRules, routes = [] }: Frontend): boolean {
  if (tcpPath !== "inspected" || zoneTransfer === undefined) return false;
  const everybody = (["ipv4", "ipv6"] as const).some((family) => coversFamily(zoneTransfer.allowFrom, family));
  const isJudged = accessRules.some((rule) => judgesTcp(rule) && mayMatchQuery(rule, TRANSFER_TYPES));
  return !everybody && !isJudged && !routes.some((route) => mayMatchQuery(route, TRANSFER_TYPES));
}

/** HAProxy's files with the networks that may transfer. */
export function haproxyTransferLists(frontend: Frontend): ReleaseFile[] {
  const { pool } = frontend;
  if (!passesTransfers(frontend) || pool.zoneTransfer === undefined) return [];
  return [networkList(transferList(frontend), pool.zoneTransfer.allowFrom)];
}

/**
 * HAProxy's rules that send the transfers of permitted secondaries to the first of the servers that is up; after those
 * that wait for the first message.
 */
export function haproxyTransfers(frontend: Frontend): Directive[] {
  if (!passesTransfers(frontend)) return [];
  const backend = transferPool(frontend.pool);
  return [
    [
      ...(["use_backend", backend, "if", "{", "src", "-f", transferList(frontend), "}"] as const),
      ...["{", "req.payload_lv(0,2),hex", "-m", "reg", TRANSFER_MESSAGE, "}"],
      ...["{", `nbsrv(${backend})`, "gt", "0", "}"],
    ],
  ];
}

/** HAProxy's backends with the servers that answer transfers. */
export function haproxyTransferPools(loadBalancer: LoadBalancer, trustStore: string): HaproxySection[] {
  const nodePort = nodePortOf(loadBalancer);
  return passedPools(loadBalancer).map((pool) => haproxyTransferPool(pool, trustStore, nodePort));
}

/** The names of a pool's servers for transfers in HAProxy, by backend, if another one can take the place of each. */
export function haproxyTransferNames(loadBalancer: LoadBalancer, { name }: Pool): ServerNames {
  const passed = passedPools(loadBalancer).find((pool) => pool.name === name);
  const servers = new Set(passed === undefined ? [] : serversOf(passed));
  if (passed === undefined || servers.size < 2) return () => ({});
  const backend = transferPool(passed);
  return (server) => (servers.has(server) ? { [backend]: `${backend}/${server.name}` } : {});
}

function passedPools(loadBalancer: LoadBalancer): Pool[] {
  const names = new Set(loadBalancer.frontends.filter(passesTransfers).map(({ pool }) => pool.name));
  return poolsOf(loadBalancer).filter(({ name }) => names.has(name));
}

function serversOf({ servers, zoneTransfer }: Pool): PoolMember[] {
  const byName = new Map(servers.map((server) => [server.name, server]));
  return (zoneTransfer?.servers ?? []).flatMap((wanted) => byName.get(wanted) ?? []);
}

function haproxyTransferPool(pool: Pool, trustStore: string, nodePort: number): HaproxySection {
  const servers = serversOf(pool);
  return {
    kind: "backend",
    name: transferPool(pool),
    directives: [
      ...(servers.length > 1 ? [["balance", "first"] as const] : []),
      ...(servers.some(({ tls }) => tls !== undefined) ? [["timeout", "connect", "1s"] as const] : []),
      ["timeout", "server", pool.idleTimeout],
      // Instead of the timeouts of the listener and of the server once a transfer is under way.
      ["timeout", "tunnel", pool.idleTimeout],
      ...haproxyProbe(pool, nodePort),
      // Without on-marked-down: a server that fails its probe may still finish its transfers.
      ["default-server", "check", ...haproxyProbeTiming(pool.healthCheck), ...proxyHeader(pool)],
      ...servers.map((server) => haproxyServer(pool, server, trustStore)),
    ],
  };
}

function proxyHeader({ clientAddress }: Pool): string[] {
  return clientAddress === "proxy-protocol" ? ["send-proxy-v2"] : [];
}

function transferList({ name }: Frontend): string {
  return `lists/${name}-transfer.lst`;
}
