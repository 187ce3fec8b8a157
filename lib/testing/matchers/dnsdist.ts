import {
  type DnsdistPool,
  type DnsdistRuleView,
  LISTENER_FUNCTIONS,
  type LuaValue,
  parseDnsdistListeners,
  SERVER_OPTION_TYPES,
} from "../../config/dnsdist/index.js";
import { luaText } from "../../config/dnsdist/lua-text.js";
import type { NodeUnderTest } from "../nodes-of.js";
import { agrees, expectedLine, shown } from "./expected.js";
import { byNearness, differenceIn, listed } from "./nearest.js";
import { knownWord, type Place, type PlaceWords } from "./place.js";
import { hasProperties } from "./properties.js";
import { type MatcherResult, verdict } from "./runner.js";
import { nodeUnderTest } from "./subject.js";

/** Judges whether dnsdist listens on an address, with some options. */
export function toHaveDnsdistListener(received: unknown, address: unknown, ...options: unknown[]): MatcherResult {
  const node = nodeUnderTest(received, "toHaveDnsdistListener");
  const places = callsOf(node)
    .filter(({ call }) => call === "setLocal" || call === "addLocal" || call === "addLocals")
    .map(({ args: [where, settings] }) => ({
      title: String(where),
      value: settings === undefined ? {} : dataOf(settings),
    }));
  return hasProperties(places, address, options, words("toHaveDnsdistListener", "listener", "dnsdist.conf", node));
}

/** Judges whether dnsdist.conf calls a function with some arguments. */
export function toHaveDnsdistSetting(received: unknown, setting: unknown): MatcherResult {
  const node = nodeUnderTest(received, "toHaveDnsdistSetting");
  const expected = expectedLine(setting, "toHaveDnsdistSetting");
  if (typeof expected === "string") {
    knownWord(expected.replace(/\(.*$/, ""), LISTENER_FUNCTIONS, "dnsdist.conf cannot call");
  }
  const holder = `dnsdist.conf of node "${node.name}"`;
  const calls = callsOf(node).map((call) => luaText(call));
  const found = calls.find((call) => agrees(expected, call));
  if (found !== undefined) return verdict(true, `${holder} has ${found}`);
  const [nearest = ""] = byNearness(expected, calls, (call) => call);
  const difference = differenceIn(expected, nearest);
  const lines = [nearest, ...(difference === undefined ? [] : [difference])];
  return verdict(false, `${holder} has no ${shown(expected)}; the nearest of ${calls.length}:${listed(lines)}`);
}

/** Judges whether policy.lua has a rule, and what it selects and does. */
export function toHaveDnsdistRule(received: unknown, name: unknown, ...parts: unknown[]): MatcherResult {
  const node = nodeUnderTest(received, "toHaveDnsdistRule");
  const places = node.dnsdist.rules.map(({ name: title, rule, action }) => ({ title, value: { rule, action } }));
  return hasProperties(places, name, parts, words("toHaveDnsdistRule", "rule", "policy.lua", node), RULE_PARTS);
}

/** Judges whether policy.lua has a server, and with which options. */
export function toHaveDnsdistServer(received: unknown, id: unknown, ...options: unknown[]): MatcherResult {
  const node = nodeUnderTest(received, "toHaveDnsdistServer");
  const places = node.dnsdist.servers.map((server) => ({
    title: server.id,
    value: { pools: server.pools, ...server.options },
  }));
  const known = ["pools", ...Object.keys(SERVER_OPTION_TYPES)];
  return hasProperties(places, id, options, words("toHaveDnsdistServer", "server", "policy.lua", node), known);
}

/** Judges whether policy.lua has a pool, its policy and the ids of its servers. */
export function toHaveDnsdistPool(received: unknown, name: unknown, ...parts: unknown[]): MatcherResult {
  const node = nodeUnderTest(received, "toHaveDnsdistPool");
  const { policy } = node.dnsdist;
  const places: Place<unknown>[] = policy.pools.map((pool) => {
    const servers = policy.servers.filter(({ pools }) => pools.includes(pool.name)).map(({ id }) => id);
    return { title: pool.name, value: { policy: pool.policy, judge: pool.judge, servers } };
  });
  return hasProperties(places, name, parts, words("toHaveDnsdistPool", "pool", "policy.lua", node), POOL_PARTS);
}

const RULE_PARTS: readonly (keyof DnsdistRuleView)[] = ["rule", "action"];
const POOL_PARTS: readonly (keyof DnsdistPool | "servers")[] = ["policy", "judge", "servers"];

function words(matcher: string, noun: string, file: string, { name }: NodeUnderTest): PlaceWords {
  return { matcher, noun, holder: `${file} of node "${name}"` };
}

function callsOf(node: NodeUnderTest) {
  return parseDnsdistListeners(node.file("dnsdist/dnsdist.conf")).calls;
}

/** A value of Lua as a test writes it. */
function dataOf(value: LuaValue): unknown {
  if (typeof value !== "object") return value;
  if ("list" in value) return value.list.map(dataOf);
  if (!("record" in value)) return luaText(value);
  return Object.fromEntries(Object.entries(value.record).map(([name, field]) => [name, dataOf(field)]));
}
