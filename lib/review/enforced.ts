import type { Duration } from "../core/duration.js";
import { isForUdp, needsQuery } from "../model/access-rule.js";
import { clientShare, connectionShare, listenerCount } from "../model/connection-share.js";
import type { Frontend } from "../model/frontend.js";
import type { Listener } from "../model/listener.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import { connectionsOf } from "../model/node-connections.js";
import { balanceOf, withFallback } from "../model/pool.js";
import { FIRST_MESSAGE_TIMEOUT } from "../node/compile/connections.js";
import {
  accessRuleText,
  balanceText,
  clientText,
  countText,
  isEverybody,
  limitTexts,
  routeText,
  whenDownText,
} from "./words.js";

/*
 * What a frontend enforces on each of the paths that lead into it, and which daemon does.
 */

/** A way into a frontend. */
export interface Path {
  /** `UDP 53`, `TCP 53`, `TLS 853 (dot)`. */
  readonly title: string;
  readonly kind: "udp" | "direct" | "inspected" | "pass-through";
  readonly listener: Listener;
}

/** What is enforced, path by path; an empty text where a path has nothing of it. */
export interface Enforced {
  readonly what: string;
  readonly on: readonly string[];
}

/** The ways into a frontend, in the order of its listeners. */
export function pathsOf({ listeners, tcpPath }: Frontend): readonly Path[] {
  return listeners.flatMap((listener) => pathsInto(listener, tcpPath));
}

function pathsInto(listener: Listener, tcpPath: Frontend["tcpPath"]): readonly Path[] {
  const { kind, port, name } = listener;
  switch (kind) {
    case "dns":
      return [
        { title: `UDP ${port}`, kind: "udp", listener },
        { title: `TCP ${port}`, kind: tcpPath, listener },
      ];
    case "dot":
      return [{ title: `TLS ${port} (${name})`, kind: tcpPath, listener }];
    case "pass-through":
      return [{ title: `TLS ${port} (${name}), passed on`, kind: "pass-through", listener }];
  }
}

/** What a frontend enforces, in the order in which clients meet it. */
export function enforcedBy(loadBalancer: LoadBalancer, frontend: Frontend): readonly Enforced[] {
  const paths = pathsOf(frontend);
  const row = (what: string, on: (path: Path) => string): Enforced => ({ what, on: paths.map(on) });
  const overTcp = (text: string) => (path: Path) => (path.kind === "udp" ? "" : text);
  const { allowFrom, accessRules, rateLimit, routes = [], pool } = frontend;
  const connections = connectionsOf(loadBalancer);
  const { sure, most } = connectionShare(connections, listenerCount(loadBalancer));
  const shares = `HAProxy: sure of ${countText(sure)}${most > sure ? `, up to ${countText(most)}` : ""} of ${countText(connections)}; one client ${countText(clientShare(sure))} of a half-full share`;
  return [
    row("reaches servers through", ({ kind }) => ENGINES[kind]),
    row(`serves ${isEverybody(allowFrom) ? "everybody" : allowFrom.join(", ")}`, ({ kind }) =>
      isEverybody(allowFrom) ? "no limit" : kind === "udp" ? "dnsdist refuses others" : "HAProxy rejects others",
    ),
    row("connections of a node", overTcp(shares)),
    row("first message", (path) =>
      path.kind === "udp"
        ? ""
        : `HAProxy: ${path.kind === "pass-through" ? "a ClientHello " : ""}within ${FIRST_MESSAGE_TIMEOUT}`,
    ),
    row("idle, closing", ({ kind, listener }) =>
      kind === "udp" ? "" : idleText(listener.idleTimeout, listener.closeTimeout),
    ),
    ...(paths.some(({ listener }) => listener.kind === "dot") ? [row("TLS", ({ listener }) => tlsText(listener))] : []),
    ...limitRows(frontend, row),
    ...(rateLimit === undefined
      ? []
      : [
          row(`one client is ${clientText(rateLimit.per)}`, () =>
            rateLimit.exempt.length === 0 ? "every client is limited" : `no limits for ${rateLimit.exempt.join(", ")}`,
          ),
        ]),
    ...accessRules.map((rule) =>
      row(accessRuleText(rule), ({ kind }) => {
        if (kind === "udp") return "dnsdist";
        if (isForUdp(rule)) return "not for TCP";
        if (!needsQuery(rule)) return "HAProxy rejects the connection";
        return kind === "inspected" ? "dnsdist" : "the servers judge";
      }),
    ),
    ...routes.map((route) =>
      row(`${routeText(route)} to ${route.pool.name}`, ({ kind }) =>
        kind === "udp" || kind === "inspected" ? "dnsdist" : "",
      ),
    ),
    row("balances", ({ kind }) => {
      const single = { ...pool, tcpBalance: balanceOf(pool, kind === "udp" ? "udp" : "tcp") };
      const text = balanceText(
        kind === "udp" ? { ...pool, tcpBalance: pool.balance } : { ...single, balance: single.tcpBalance },
      );
      return `${kind === "direct" || kind === "pass-through" ? "connections" : "queries"}, ${text}`;
    }),
    ...withFallback(pool).map((each) =>
      row(`${each.name}: when servers are down`, ({ kind }) =>
        kind === "pass-through" ? "the connection fails" : whenDownText(each),
      ),
    ),
    ...operationRows(frontend, row),
    ...(pool.cache === undefined
      ? []
      : [row("cache", ({ kind }) => (kind === "udp" || kind === "inspected" ? "dnsdist" : "no cache"))]),
  ];
}

const ENGINES: Readonly<Record<Path["kind"], string>> = {
  udp: "dnsdist",
  direct: "HAProxy",
  inspected: "HAProxy, then dnsdist",
  "pass-through": "HAProxy, unread",
};

type Row = (what: string, on: (path: Path) => string) => Enforced;

function idleText(idle: Duration, close: Duration | undefined): string {
  return `HAProxy: ${idle}${close === undefined ? "" : `, closing ${close}`}`;
}

function tlsText(listener: Listener): string {
  if (listener.kind === "pass-through") return `the servers, as ${listener.serverName}`;
  if (listener.kind !== "dot") return "";
  const { minimumTlsVersion, clientAuth, strictSni } = listener;
  const clients =
    clientAuth === undefined
      ? []
      : [
          `client certificates ${clientAuth.mode}${clientAuth.allowedNames === undefined ? "" : `, ${clientAuth.allowedNames.length} names`}`,
        ];
  return [
    `HAProxy: from TLS ${minimumTlsVersion}`,
    ...(strictSni === true ? ["known names alone"] : []),
    ...clients,
  ].join("; ");
}

function limitRows({ rateLimit }: Frontend, row: Row): readonly Enforced[] {
  return limitTexts(rateLimit).map(({ property, text }) =>
    row(`a client: ${text}`, ({ kind }) => {
      if (property === "queries") {
        if (kind === "udp")
          return `dnsdist: ${rateLimit?.exceeded === "truncate" ? "answers with TC" : (rateLimit?.exceeded ?? "")}`;
        if (kind === "inspected")
          return `dnsdist: ${rateLimit?.exceeded === "truncate" ? "refuse" : (rateLimit?.exceeded ?? "")}`;
        return "the servers judge";
      }
      if (kind === "udp") return "";
      return property === "bytesOut" ? "HAProxy holds back, or rejects before version 3.0" : "HAProxy rejects";
    }),
  );
}

function operationRows({ pool }: Frontend, row: Row): readonly Enforced[] {
  const { zoneTransfer, notifyFrom, updateFrom } = pool;
  const sources = (networks: readonly string[]) => (networks.length === 0 ? "nobody" : networks.join(", "));
  const judged = (permitted: string) => (path: Path) =>
    path.kind === "udp" || path.kind === "inspected" ? permitted : "as the servers do";
  const rows: readonly (readonly [what: string, networks: readonly string[] | undefined])[] = [
    ["zone transfers for", zoneTransfer?.allowFrom],
    ["NOTIFY from", notifyFrom],
    ["UPDATE from", updateFrom],
  ];
  return rows.flatMap(([what, networks]) =>
    networks === undefined ? [] : [row(`${what} ${sources(networks)}`, judged("dnsdist refuses others"))],
  );
}
