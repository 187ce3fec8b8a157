import { call, constant, type DnsdistRule, type LuaCall, type LuaValue, list } from "../../config/dnsdist/model.js";
import { hostCidr } from "../../core/ip.js";

/*
 * Parts of dnsdist's rules that several files share.
 */

/** Answers REFUSED. */
export const REFUSE = call("RCodeAction", constant("DNSRCode.REFUSED"));
/** Answers SERVFAIL. */
export const SERVFAIL = call("RCodeAction", constant("DNSRCode.SERVFAIL"));
/** Adds a reason to the answer that a later rule gives (RFC 8914). */
export function withReason(code: number, text?: string): LuaCall {
  return call("SetExtendedDNSErrorAction", code, ...(text === undefined ? [] : [text]));
}

/** Drops the query without an answer. */
export const DROP = call("DropAction");

/**
 * A selector that matches if all conditions match. dnsdist tries them in turn, up to the first that does not: here those
 * that cost least first, and a limiter last, which counts what it is asked.
 */
export function allOf(...conditions: readonly LuaCall[]): LuaCall {
  const each = conditions.flatMap((condition) => (condition.call === "AndRule" ? itemsOf(condition) : [condition]));
  const inOrder = each.toSorted((one, other) => costOf(one) - costOf(other));
  const [only, ...others] = inOrder;
  return only !== undefined && others.length === 0 ? only : call("AndRule", list(...inOrder));
}

/* Selectors that compare a number. */
const CHEAP = ["TCPRule", "OpcodeRule", "QTypeRule", "QClassRule", "DSTPortRule"];
/* Selectors that read the message or count the servers of a pool. */
const DEAR = ["DNSSECRule", "EDNSOptionRule", "RecordsTypeCountRule", "PoolAvailableRule"];

/** How late a condition is tried; those of one rank stay in the order in which they are given. */
function costOf(condition: LuaCall): number {
  const { call: name, args } = condition;
  if (name === "limiter") return 3;
  if (name === "NotRule") return Math.max(...args.map((each) => (isCall(each) ? costOf(each) : 1)));
  if (name === "OrRule" || name === "AndRule") return Math.max(...itemsOf(condition).map(costOf));
  return CHEAP.includes(name) ? 0 : DEAR.includes(name) ? 2 : 1;
}

/** The selectors of which an AndRule or OrRule is made. */
function itemsOf({ args }: LuaCall): LuaCall[] {
  return args.flatMap((each) => (typeof each === "object" && "list" in each ? each.list.filter(isCall) : []));
}

function isCall(value: LuaValue): value is LuaCall {
  return typeof value === "object" && "call" in value;
}

/** A selector that matches if any condition matches. */
export function anyOf(...conditions: readonly LuaCall[]): LuaCall {
  const [only, ...others] = conditions;
  return only !== undefined && others.length === 0 ? only : call("OrRule", list(...conditions));
}

/** A selector, of a rule that is there only while so many servers of a dnsdist pool are up. */
export function whileUp(pool: string, servers: number, selector: LuaCall): LuaCall {
  return servers === 1 ? selector : call("whileUp", pool, servers, selector);
}

/** A selector, of a rule that also wants the name of a server which serves now. */
export function serving(selector: LuaCall): LuaCall {
  return call("serving", selector);
}

/** Selects queries to one of these addresses. */
export function to(addresses: readonly string[]): LuaCall {
  return call("NetmaskGroupRule", call("netmasks", list(...addresses.map(hostCidr))), false);
}

/** Selects queries to some of a host's ports; with a PROXY header, by the destination in it. */
export function toPorts(ports: readonly number[]): LuaCall {
  return anyOf(...ports.map((port) => call("DSTPortRule", port)));
}

/** Selects queries from clients in these networks. */
export function from(networks: readonly string[]): LuaCall {
  return call("NetmaskGroupRule", call("netmasks", list(...networks)), true);
}

/** Selects queries over one transport. */
export function over(transport: "udp" | "tcp"): LuaCall {
  return call("TCPRule", transport === "tcp");
}

/** A rule of the policy; `showRules()` and errors show its name. */
export function rule(name: string, selector: LuaCall, action: LuaValue): DnsdistRule {
  return { name, rule: selector, action };
}
