import { familyOf, hostPort } from "../core/ip.js";
import { DNS_PORT } from "../model/dns-listener.js";
import type { Frontend } from "../model/frontend.js";
import { type Card, type Line, MOST_ITEMS, quiet, type Way } from "./card.js";
import { poolId } from "./pool-card.js";
import { firstOf, shortened, wrapped } from "./text-width.js";
import { isEverybody, limitTexts, numbered, routeText } from "./words.js";

/*
 * The cards of frontends, each of which may stand for several that are alike.
 */

/** With more frontends than this, those that are alike share a card. */
const MOST_SINGLE = 8;
/** Frontends that a card lists. */
const MOST_ALIKE = 10;

/** Frontends that share a card, because they serve the same clients from the same pools. */
export interface FrontendGroup {
  readonly first: Frontend;
  readonly frontends: readonly Frontend[];
  readonly card: Card;
}

/** Each frontend has a card of its own, unless there are many. */
export function groupsOf(frontends: readonly Frontend[]): readonly FrontendGroup[] {
  const areMany = frontends.length > MOST_SINGLE;
  const alike = new Map<string, Frontend[]>();
  for (const frontend of frontends) {
    const key = areMany ? sameness(frontend) : frontend.name;
    const found = alike.get(key);
    if (found === undefined) alike.set(key, [frontend]);
    else found.push(frontend);
  }
  return [...alike.values()].flatMap((each): FrontendGroup[] => {
    const [first] = each;
    return first === undefined ? [] : [{ first, frontends: each, card: frontendCard(first, each, areMany) }];
  });
}

/** What is equal for frontends that may share a card: whom they serve, and from where. */
function sameness({ pool, routes = [], listeners, allowFrom, tcpPath }: Frontend): string {
  return JSON.stringify([
    [pool.name, tcpPath, [...allowFrom].sort()],
    routes.map((route) => ({ ...route, pool: route.pool.name })),
    listeners.map(({ kind }) => kind),
  ]);
}

/**
 * A line for each protocol of frontends: its engines say who passes it on. Frontends that are alike have the same kinds of
 * listeners in the same order, but perhaps not on the same ports.
 */
function listenerLines(frontend: Frontend, index: number, alike: readonly Frontend[]): readonly Line[] {
  const { tcpPath, listeners } = frontend;
  const listener = listeners[index];
  if (listener === undefined) return [];
  const name = alike.length === 1 ? ` (${listener.name})` : "";
  const port = alike.every((each) => each.listeners[index]?.port === listener.port) ? ` ${listener.port}` : "";
  const byTcp: Line =
    tcpPath === "direct" ? { text: "HAProxy", style: "haproxy" } : { text: "HAProxy, dnsdist", style: "dnsdist" };
  switch (listener.kind) {
    case "dns":
      return [
        { text: `UDP${port} by dnsdist`, style: "dnsdist" },
        { ...byTcp, text: `TCP${port} by ${byTcp.text}` },
      ];
    case "dot":
      return [{ ...byTcp, text: `TLS${port} by ${byTcp.text}${name}` }];
    case "pass-through":
      return [{ text: `TLS${port} passed on by HAProxy${name}`, style: "haproxy" }];
  }
}

/** The card of frontends that are alike. Among many, the cards of its clients and its pool may be far away. */
function frontendCard(frontend: Frontend, alike: readonly Frontend[], areMany: boolean): Card {
  const { name, addresses, allowFrom, routes = [], listeners, pool } = frontend;
  const isAlone = alike.length === 1;
  const places = isAlone ? wrapped(firstOf(addresses, MOST_ITEMS)) : firstOf(alike.map(placesText), MOST_ALIKE);
  return {
    id: `frontend:${name}`,
    kind: "frontend",
    title: isAlone ? name : numbered(alike.length, "frontend"),
    lines: [
      ...quiet(places),
      ...quiet(areMany ? [`for ${isEverybody(allowFrom) ? "everybody" : firstOf(allowFrom, 3).join(", ")}`] : []),
      ...listeners.flatMap((_, index) => listenerLines(frontend, index, alike)),
      ...firstOf(routes.map(routeLine), MOST_ITEMS).map((text): Line => ({ text, style: "dnsdist" })),
      ...quiet(areMany ? [`→ ${pool.name}`] : []),
      ...quiet(policyLines(alike)),
    ],
  };
}

/** A frontend among others: its name, where it is, and its port. */
function placesText({ name, addresses, listeners: [first] }: Frontend): string {
  const places = firstOf(addresses, 2).map((address) =>
    familyOf(address) === undefined ? address : hostPort(address, first?.port ?? DNS_PORT),
  );
  return `${name} ${places.join(", ")}`;
}

function policyLines(alike: readonly Frontend[]): readonly string[] {
  const texts = alike.map(({ rateLimit, accessRules }) => [
    ...wrapped(limitTexts(rateLimit).map(({ text }) => text)).map((text, index) =>
      index === 0 ? `a client: ${text}` : text,
    ),
    ...(accessRules.length === 0 ? [] : [numbered(accessRules.length, "access rule")]),
  ]);
  const [first = []] = texts;
  return texts.every((each) => each.join() === first.join()) ? first : ["limits or rules differ"];
}

function routeLine(route: NonNullable<Frontend["routes"]>[number]): string {
  return shortened(`${routeText(route)} → ${route.pool.name}`);
}

/** The ways from frontends to their pools: one for each engine, and one for each route. */
export function waysOf({ first: frontend, card: { id: from, lines } }: FrontendGroup): readonly Way[] {
  const engines = (["dnsdist", "haproxy"] as const).flatMap((engine): Way[] => {
    const line = lines.findIndex(({ style }) => style === engine);
    return line < 0 ? [] : [{ from, line, to: poolId(frontend.pool), kind: engine }];
  });
  const routes = (frontend.routes ?? []).slice(0, MOST_ITEMS).flatMap((route): Way[] => {
    const line = lines.findIndex(({ text }) => text === routeLine(route));
    return line < 0 ? [] : [{ from, line, to: poolId(route.pool), kind: "dnsdist" }];
  });
  return [...engines, ...routes];
}
