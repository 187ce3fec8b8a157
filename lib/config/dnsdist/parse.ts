import { refuseListenerCall } from "./listener-call.js";
import { LuaReader, refusal } from "./lua-reader.js";
import {
  ACTION_FUNCTIONS,
  type DnsdistCache,
  type DnsdistJudge,
  type DnsdistListeners,
  type DnsdistPolicy,
  type DnsdistPool,
  type DnsdistPoolPolicy,
  type DnsdistRule,
  type DnsdistServer,
  type DnsdistServerOptions,
  type DnsdistVerdict,
  LISTENER_FUNCTIONS,
  type LuaCall,
  type LuaValue,
  POOL_POLICIES,
  RULE_FUNCTIONS,
  RUNTIME_FUNCTIONS,
  refuseServerOptions,
} from "./model.js";
import { LISTENERS_FRAME } from "./print.js";

/** Reads a dnsdist.conf that `printDnsdistListeners()` printed; any other text is refused. */
export function parseDnsdistListeners(text: string): DnsdistListeners {
  const [head, middle, tail] = LISTENERS_FRAME;
  const split = text.indexOf(middle, head.length);
  if (!text.startsWith(head) || split < 0 || !text.endsWith(tail)) {
    throw refusal(1, "must be a dnsdist.conf that printDnsdistListeners() printed");
  }
  const keyFile = new LuaReader(text.slice(head.length, split), []).value();
  if (typeof keyFile !== "string") throw refusal(1, "the key's file must be a string");
  const reader = new LuaReader(text.slice(split + middle.length, -tail.length), LISTENER_FUNCTIONS);
  const calls: LuaCall[] = [];
  while (!reader.atEnd) calls.push(reader.call());
  const problem = calls.map(refuseListenerCall).find((found) => found !== undefined);
  if (problem !== undefined) throw refusal(1, problem);
  return { keyFile, calls };
}

/** Reads a policy.lua back into its model; what the model cannot express is refused. */
export function parseDnsdistPolicy(text: string): DnsdistPolicy {
  const reader = new LuaReader(text, [...RULE_FUNCTIONS, ...ACTION_FUNCTIONS, ...RUNTIME_FUNCTIONS]);
  reader.expect("return");
  const policy = fieldsOf(reader.value(), "the policy", ["servers", "pools", "rules"]);
  if (!reader.atEnd) throw refusal(1, "the policy must be all there is");
  return {
    servers: itemsOf(policy["servers"], "servers").map(server),
    pools: itemsOf(policy["pools"], "pools").map(pool),
    rules: itemsOf(policy["rules"], "rules").map(rule),
  };
}

function server(value: LuaValue, at: number): DnsdistServer {
  const where = `servers[${at}]`;
  const judged = "verdict" in recordOf(value, where);
  const names = ["id", "pools", ...(judged ? ["verdict"] : []), "options"];
  const { id, pools, verdict, options } = fieldsOf(value, where, names);
  const given = recordOf(options, `${where}.options`);
  const [problem] = refuseServerOptions(given);
  if (problem !== undefined) throw refusal(1, `${where} ${problem}`);
  return {
    id: textOf(id, `${where}.id`),
    pools: itemsOf(pools, `${where}.pools`).map((name) => textOf(name, `${where}.pools`)),
    ...(verdict === undefined ? {} : { verdict: verdictOf(verdict, `${where}.verdict`) }),
    options: given as unknown as DnsdistServerOptions,
  };
}

function pool(value: LuaValue, at: number): DnsdistPool {
  const where = `pools[${at}]`;
  const given = recordOf(value, where);
  const optional = ["cache", "judge"].filter((each) => each in given);
  const { name, policy, cache, judge } = fieldsOf(value, where, ["name", "policy", ...optional]);
  if (!isPoolPolicy(policy)) throw refusal(1, `${where}.policy must be one of ${POOL_POLICIES.join(", ")}`);
  return {
    name: textOf(name, `${where}.name`),
    policy,
    ...(cache === undefined ? {} : { cache: cacheOf(cache, `${where}.cache`) }),
    ...(judge === undefined ? {} : { judge: judgeOf(judge, `${where}.judge`) }),
  };
}

function cacheOf(value: LuaValue, where: string): DnsdistCache {
  const names = ["name", "entries", "maximumTtl", "minimumTtl", "stale"];
  const { name, entries, maximumTtl, minimumTtl, stale } = fieldsOf(value, where, names);
  return {
    name: textOf(name, `${where}.name`),
    entries: numberOf(entries, `${where}.entries`),
    maximumTtl: numberOf(maximumTtl, `${where}.maximumTtl`),
    minimumTtl: numberOf(minimumTtl, `${where}.minimumTtl`),
    stale: flagOf(stale, `${where}.stale`),
  };
}

function verdictOf(value: LuaValue, where: string): DnsdistVerdict {
  const isAsked = "asked" in recordOf(value, where);
  const { of, asked } = fieldsOf(value, where, ["of", ...(isAsked ? ["asked"] : [])]);
  return { of: textOf(of, `${where}.of`), ...(asked === undefined ? {} : { asked: textOf(asked, `${where}.asked`) }) };
}

function judgeOf(value: LuaValue, where: string): DnsdistJudge {
  const given = recordOf(value, where);
  if ("connect" in given) {
    fieldsOf(value, where, ["connect"]);
    if (given["connect"] !== true) throw refusal(1, `${where}.connect must be true`);
    return { connect: true };
  }
  if ("verdicts" in given) {
    const { verdicts } = fieldsOf(value, where, ["verdicts"]);
    return { verdicts: textOf(verdicts, `${where}.verdicts`) };
  }
  const optional = (name: string) => (name in given ? [name] : []);
  const names = ["query", ...optional("randomLabel"), "rcodes", "answer", "authoritative", ...optional("value")];
  const { query, randomLabel, rcodes, answer, authoritative, value: data } = fieldsOf(value, where, names);
  return {
    query: textOf(query, `${where}.query`),
    ...(randomLabel === undefined ? {} : { randomLabel: flagOf(randomLabel, `${where}.randomLabel`) }),
    rcodes: itemsOf(rcodes, `${where}.rcodes`).map((rcode) => numberOf(rcode, `${where}.rcodes`)),
    answer: flagOf(answer, `${where}.answer`),
    authoritative: flagOf(authoritative, `${where}.authoritative`),
    ...(data === undefined ? {} : { value: textOf(data, `${where}.value`) }),
  };
}

function rule(value: LuaValue, at: number): DnsdistRule {
  const where = `rules[${at}]`;
  const { name, rule: selector, action } = fieldsOf(value, where, ["name", "rule", "action"]);
  if (selector === undefined || action === undefined) throw refusal(1, `${where} must have a rule and an action`);
  return { name: textOf(name, `${where}.name`), rule: selector, action };
}

function isPoolPolicy(value: LuaValue | undefined): value is DnsdistPoolPolicy {
  return (POOL_POLICIES as readonly unknown[]).includes(value);
}

function fieldsOf(value: LuaValue, where: string, names: readonly string[]): Readonly<Record<string, LuaValue>> {
  const fields = recordOf(value, where);
  if (Object.keys(fields).join() !== names.join())
    throw refusal(1, `${where} must have the fields ${names.join(", ")}`);
  return fields;
}

function recordOf(value: LuaValue | undefined, where: string): Readonly<Record<string, LuaValue>> {
  if (typeof value === "object" && "record" in value) return value.record;
  throw refusal(1, `${where} must be a record`);
}

function itemsOf(value: LuaValue | undefined, where: string): readonly LuaValue[] {
  if (typeof value === "object" && "list" in value) return value.list;
  throw refusal(1, `${where} must be a list`);
}

function numberOf(value: LuaValue | undefined, where: string): number {
  if (typeof value === "number") return value;
  throw refusal(1, `${where} must be a number`);
}

function flagOf(value: LuaValue | undefined, where: string): boolean {
  if (typeof value === "boolean") return value;
  throw refusal(1, `${where} must be true or false`);
}

function textOf(value: LuaValue | undefined, where: string): string {
  if (typeof value === "string") return value;
  throw refusal(1, `${where} must be a string`);
}
