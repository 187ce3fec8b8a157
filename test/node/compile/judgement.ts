import type { DnsdistRule, LuaCall, LuaValue } from "../../../lib/config/dnsdist/model.js";
import { cidrContains } from "../../../lib/core/ip.js";
import { isInZone } from "../../../lib/core/names.js";
import { QUERY_TYPES, type QueryType } from "../../../lib/model/query-kind.js";

/** A query, and what dnsdist knows when it comes. */
export interface Query {
  readonly tcp: boolean;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly opcode: number;
  readonly wantsDnssec: boolean;
  /** Codes of its EDNS options. */
  readonly options: readonly number[];
  /** Records of type TSIG in its additional section. */
  readonly signatures: number;
  /** How many servers of a pool of dnsdist are up. */
  readonly serversUp: (pool: string) => number;
  /** Whether a limiter matches. */
  readonly isBeyond: (limiter: string) => boolean;
}

/** What the rules make of a query, as far as anybody notices. */
export interface Judgement {
  /** The rule whose action ends it. */
  readonly rule: string;
  readonly action: LuaValue;
  /** Whether the servers see the RD bit that the client sent; where no server is asked, the client gets it back. */
  readonly keepsRecursion: boolean | undefined;
  /** Whether the answer may come from a cache of the pool, and go into it. */
  readonly mayCache: boolean | undefined;
  /** The reason that goes with the answer, if there is one. */
  readonly reason: readonly LuaValue[] | undefined;
  /** Each time that a limiter counts the query. */
  readonly counted: readonly string[];
}

interface State {
  readonly query: Query;
  readonly tags: Map<string, string>;
  readonly counted: string[];
}

/** Tries rules in their order. `inTurn`: conditions as dnsdist does, up to the first that fails; else limiters at last. */
export function judge(rules: readonly DnsdistRule[], query: Query, inTurn: boolean): Judgement {
  const state: State = { query, tags: new Map(), counted: [] };
  let keepsRecursion = true;
  let mayCache = true;
  let reason: readonly LuaValue[] | undefined;
  for (const { name, rule, action } of rules) {
    if (!matches(callOf(rule), state, inTurn)) continue;
    const { call, args } = callOf(action);
    if (call === "SetNoRecurseAction") keepsRecursion = false;
    else if (call === "SetSkipCacheAction") mayCache = false;
    else if (call === "SetTagAction") state.tags.set(String(args[0]), String(args[1]));
    else if (call === "SetExtendedDNSErrorAction") reason = args;
    else {
      return {
        ...{ rule: name, action, reason: call === "DropAction" ? undefined : reason },
        ...(call === "PoolAction" ? { keepsRecursion, mayCache } : { keepsRecursion: undefined, mayCache: undefined }),
        counted: state.counted.sort(),
      };
    }
  }
  throw new Error("no rule ends the query");
}

function matches(selector: LuaCall, state: State, inTurn: boolean): boolean {
  const { call, args } = selector;
  const { query, tags, counted } = state;
  const [first, second] = args;
  switch (call) {
    case "AllRule":
      return true;
    case "AndRule": {
      if (inTurn) return selectorsIn(first).every((each) => matches(each, state, inTurn));
      const all = flat(selector);
      const limiters = all.filter((each) => each.call === "limiter");
      const others = all.filter((each) => each.call !== "limiter");
      return (
        others.every((each) => matches(each, state, inTurn)) && limiters.every((each) => matches(each, state, inTurn))
      );
    }
    case "OrRule":
      return selectorsIn(first).some((each) => matches(each, state, inTurn));
    case "NotRule":
      return !matches(callOf(first), state, inTurn);
    case "whileUp":
      return query.serversUp(String(first)) >= Number(second) && matches(callOf(args[2]), state, inTurn);
    case "limiter":
      counted.push(String(first));
      return query.isBeyond(String(first));
    case "NetmaskGroupRule": {
      const address = second === true ? query.source : query.destination;
      return textsIn(callOf(first).args[0]).some((network) => cidrContains(network, address));
    }
    case "SuffixMatchNodeRule":
      return textsIn(callOf(first).args[0]).some((zone) => isInZone(query.name, zone));
    case "QNameRule":
      return query.name === first;
    case "TCPRule":
      return query.tcp === first;
    case "DSTPortRule":
      return query.port === first;
    case "QTypeRule":
      return query.type === (typeof first === "string" ? QUERY_TYPES[first as QueryType] : first);
    case "QClassRule":
      return query.class === first;
    case "OpcodeRule":
      return query.opcode === opcodeOf(first);
    case "DNSSECRule":
      return query.wantsDnssec;
    case "EDNSOptionRule":
      return query.options.includes(Number(first));
    case "RecordsTypeCountRule": {
      expectSignature(args);
      return query.signatures === 1;
    }
    case "TagRule":
      return tags.has(String(first)) && (second === undefined || tags.get(String(first)) === second);
    case "PoolAvailableRule":
      return query.serversUp(String(first)) > 0;
    default:
      throw new Error(`the test does not know ${call}`);
  }
}

const OPCODE_CONSTANTS: Readonly<Record<string, number>> = {
  "DNSOpcode.Query": 0,
  "DNSOpcode.Notify": 4,
  "DNSOpcode.Update": 5,
};

function opcodeOf(value: LuaValue | undefined): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "object" && "constant" in value ? OPCODE_CONSTANTS[value.constant] : undefined;
}

function expectSignature(args: readonly LuaValue[]): void {
  if (JSON.stringify(args) !== "[3,250,1,1]") throw new Error(`the test knows no count of ${JSON.stringify(args)}`);
}

/** The conditions of an AndRule, with those of AndRules in it. */
function flat(selector: LuaCall): LuaCall[] {
  return selector.call === "AndRule" ? selectorsIn(selector.args[0]).flatMap(flat) : [selector];
}

function callOf(value: LuaValue | undefined): LuaCall {
  if (typeof value !== "object" || !("call" in value)) throw new Error(`${JSON.stringify(value)} is no call`);
  return value;
}

function itemsIn(value: LuaValue | undefined): readonly LuaValue[] {
  if (typeof value !== "object" || !("list" in value)) throw new Error(`${JSON.stringify(value)} is no list`);
  return value.list;
}

function selectorsIn(value: LuaValue | undefined): LuaCall[] {
  return itemsIn(value).map(callOf);
}

function textsIn(value: LuaValue | undefined): string[] {
  return itemsIn(value).map(String);
}
