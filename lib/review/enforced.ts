import type { Duration } from "../core/duration.js";
import { isForUdp, needsQuery } from "../model/access-rule.js";
import { clientShare, connectionShare, listenerCount } from "../model/connection-share.js";
import type { Frontend } from "../model/frontend.js";
import type { Listener } from "../model/listener.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import { connectionsOf } from "../model/node-connections.js";
import { withFallback } from "../model/pool.js";
import type { RateLimit } from "../model/rate-limit.js";
import { FIRST_MESSAGE_TIMEOUT } from "../node/compile/connections.js";
import { firstOf } from "./text-width.js";
import {
  accessRuleText,
  clientText,
  countText,
  isEverybody,
  limitTexts,
  pickText,
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
  return [
    row("reaches servers through", ({ kind }) => ENGINES[kind]),
    ...clientRows(frontend, row),
    ...connectionRows(loadBalancer, row),
    // Whose TLS it is; plain DNS has none.
    ...(paths.some(({ listener }) => listener.kind !== "dns") ? [row("TLS", ({ listener }) => tlsText(listener))] : []),
    ...limitRows(frontend, row),
    ...ruleRows(frontend, row),
    ...poolRows(frontend, row),
    ...operationRows(frontend, row),
  ];
}

/** Networks that a row names. */
const MOST_NETWORKS = 12;

function networksText(networks: readonly string[]): string {
  return firstOf(networks, MOST_NETWORKS).join(", ");
}

function clientRows({ allowFrom }: Frontend, row: Row): readonly Enforced[] {
  if (isEverybody(allowFrom)) return [row("serves everybody", () => "no limit")];
  return [
    row(`serves ${networksText(allowFrom)}`, ({ kind }) =>
      kind === "udp" ? "dnsdist refuses others" : "HAProxy rejects others",
    ),
  ];
}

function connectionRows(loadBalancer: LoadBalancer, row: Row): readonly Enforced[] {
  const connections = connectionsOf(loadBalancer);
  const { sure, most } = connectionShare(connections, listenerCount(loadBalancer));
  const upTo = most > sure ? `, up to ${countText(most)}` : "";
  const shares = `HAProxy: sure of ${countText(sure)}${upTo} of ${countText(connections)}; one client ${countText(clientShare(sure))} of a half-full share`;
  const overTcp = (text: (path: Path) => string) => (path: Path) => (path.kind === "udp" ? "" : text(path));
  const hello = ({ kind }: Path) => (kind === "pass-through" ? "a ClientHello " : "");
  return [
    row(
      "connections of a node",
      overTcp(() => shares),
    ),
    row(
      "first message",
      overTcp((path) => `HAProxy: ${hello(path)}within ${FIRST_MESSAGE_TIMEOUT}`),
    ),
    row(
      "idle, closing",
      overTcp(({ listener }) => idleText(listener.idleTimeout, listener.closeTimeout)),
    ),
  ];
}

function ruleRows({ accessRules, routes = [] }: Frontend, row: Row): readonly Enforced[] {
  return [
    ...accessRules.map((rule) =>
      row(accessRuleText(rule), ({ kind }) => {
        if (kind === "udp") return "dnsdist";
        if (isForUdp(rule)) return "not for TCP";
        if (!needsQuery(rule)) return "HAProxy rejects the connection";
        return kind === "inspected" ? "dnsdist" : "the servers judge";
      }),
    ),
    ...routes.map((route) =>
      row(`${routeText(route)} to ${route.pool.name}`, ({ kind }) => (isRead(kind) ? "dnsdist" : "")),
    ),
  ];
}

function poolRows({ pool }: Frontend, row: Row): readonly Enforced[] {
  return [
    row(
      "balances",
      ({ kind }) => `${isRead(kind) ? "queries" : "connections"}, ${pickText(pool, kind === "udp" ? "udp" : "tcp")}`,
    ),
    ...withFallback(pool).map((each) =>
      row(`${each.name}: when servers are down`, ({ kind }) =>
        kind === "pass-through" ? "the connection fails" : whenDownText(each),
      ),
    ),
    ...(pool.cache === undefined ? [] : [row("cache", ({ kind }) => (isRead(kind) ? "dnsdist" : "no cache"))]),
  ];
}

/** Whether dnsdist reads the queries of a path. */
function isRead(kind: Path["kind"]): boolean {
  return kind === "udp" || kind === "inspected";
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
  if (rateLimit === undefined) return [];
  const { per, exempt, exceeded } = rateLimit;
  return [
    ...limitTexts(rateLimit).map(({ property, text }) =>
      row(`a client: ${text}`, ({ kind }) => {
        if (property === "queries")
          return isRead(kind) ? `dnsdist: ${exceededText(exceeded, kind)}` : "the servers judge";
        if (kind === "udp") return "";
        return property === "bytesOut" ? "HAProxy holds back, or rejects before version 3.0" : "HAProxy rejects";
      }),
    ),
    row(`one client is ${clientText(per)}`, () =>
      exempt.length === 0 ? "every client is limited" : `no limits for ${networksText(exempt)}`,
    ),
  ];
}

/** What dnsdist does with too many queries; over TCP, none can be truncated. */
function exceededText(exceeded: RateLimit["exceeded"], kind: Path["kind"]): string {
  if (exceeded !== "truncate") return exceeded;
  return kind === "udp" ? "answers with TC" : "refuse";
}

function operationRows({ pool }: Frontend, row: Row): readonly Enforced[] {
  const { zoneTransfer, notifyFrom, updateFrom } = pool;
  const sources = (networks: readonly string[]) => (networks.length === 0 ? "nobody" : networksText(networks));
  const judged = ({ kind }: Path) => (isRead(kind) ? "dnsdist refuses others" : "as the servers do");
  const rows: readonly (readonly [what: string, networks: readonly string[] | undefined])[] = [
    ["zone transfers for", zoneTransfer?.allowFrom],
    ["NOTIFY from", notifyFrom],
    ["UPDATE from", updateFrom],
  ];
  return rows.flatMap(([what, networks]) =>
    networks === undefined ? [] : [row(`${what} ${sources(networks)}`, judged)],
  );
}
