import { call, constant, type DnsdistRule, type LuaCall, type LuaValue, list } from "../../config/dnsdist/model.js";
import { hostCidr } from "../../core/ip.js";
import type { Frontend } from "../../model/frontend.js";

/*
 * Words of dnsdist's rule language that several concerns share.
 */

/** Answers REFUSED. */
export const REFUSE = call("RCodeAction", constant("DNSRCode.REFUSED"));
/** Answers SERVFAIL. */
export const SERVFAIL = call("RCodeAction", constant("DNSRCode.SERVFAIL"));
/** Answers nothing. */
export const DROP = call("DropAction");

/** All of some conditions; one condition stands for itself. */
export function allOf(...conditions: readonly LuaCall[]): LuaCall {
  const [only, ...others] = conditions;
  return only !== undefined && others.length === 0 ? only : call("AndRule", list(...conditions));
}

/** Any of some conditions. */
export function anyOf(...conditions: readonly LuaCall[]): LuaCall {
  const [only, ...others] = conditions;
  return only !== undefined && others.length === 0 ? only : call("OrRule", list(...conditions));
}

/** Queries that came to one of these addresses. */
export function to(addresses: readonly string[]): LuaCall {
  return call("NetmaskGroupRule", call("netmasks", list(...addresses.map(hostCidr))), false);
}

/** Queries that came to a frontend; over PROXY protocol this is where the client connected to. */
export function toFrontend({ addresses }: Frontend): LuaCall {
  return to(addresses);
}

/** Queries from clients in these networks. */
export function from(networks: readonly string[]): LuaCall {
  return call("NetmaskGroupRule", call("netmasks", list(...networks)), true);
}

/** Queries over one transport. */
export function over(transport: "udp" | "tcp"): LuaCall {
  return call("TCPRule", transport === "tcp");
}

/** A rule of the policy; its name is what `showRules()` and errors speak of. */
export function rule(name: string, selector: LuaCall, action: LuaValue): DnsdistRule {
  return { name, rule: selector, action };
}
