import { refusePlainArguments } from "../../config/dnsdist/listener-call.js";
import { isFieldName } from "../../config/dnsdist/lua-text.js";
import {
  ACTION_FUNCTIONS,
  DNSDIST_CONSTANTS,
  type DnsdistFunction,
  type DnsdistSetting,
  LISTENER_FUNCTIONS,
  type LuaCall,
  type LuaRecord,
  type LuaValue,
  RULE_FUNCTIONS,
  RUNTIME_FUNCTIONS,
} from "../../config/dnsdist/model.js";
import { refuseKeyword, shown } from "../../config/words.js";
import { type Field, field, parsed, type Refusal } from "../../terraform/schema.js";
import { isToken } from "../../terraform/tokens.js";
import { type Reserved, refuseReserved, refuseSecrets, reserved } from "./reserved.js";

const SOCKETS = "'address' and 'port' of frontends say where dnsdist listens";
const CONSOLE = "the agent talks to dnsdist by its console, with a key that each node makes";
const CLIENTS = "'allowFrom' of each frontend says who is served";
const SERVERS = "'servers' of pools are its servers";
const POLICY = "'balance' of a pool says how it picks a server";
const WEB = "'statistics' of the load balancer serves metrics";
const RULES = "rules are those of frontends; 'extra.dnsdist' of a frontend adds some to it";
const NO_SERVER = "'whenAllDown' and 'cache' of a pool say what happens without servers";
const QUEUES = "the queues of listeners are what nodes are measured with";
const TIMES = "'idleTimeout' of frontends and DotListeners is the time that clients have";

/** The calls that are left to the library, some of which are not among the words. */
export const DNSDIST_RESERVED: Reserved = {
  ...reserved("setLocal addLocal addLocals addTLSLocal addDOHLocal addDNSCryptBind", SOCKETS),
  ...reserved("controlSocket setKey makeKey setConsoleACL addConsoleACL", CONSOLE),
  ...reserved("setACL addACL setACLFromFile", CLIENTS),
  ...reserved("setProxyProtocolACL", "HAProxy alone hands over connections with the addresses of clients"),
  ...reserved("newServer rmServer getServer", SERVERS),
  ...reserved("setServerPolicy setServerPolicyLua setServerPolicyLuaFFI setServerPolicyLuaFFIPerThread", POLICY),
  ...reserved("setPoolServerPolicy setPoolServerPolicyLua setRoundRobinFailOnNoServer", POLICY),
  ...reserved("setWeightedBalancingFactor setConsistentHashingBalancingFactor setWHashedPertubation", POLICY),
  ...reserved("webserver setWebserverConfig setAPIWritable", WEB),
  ...reserved("addAction addResponseAction setRules", RULES),
  ...reserved("setServFailWhenNoServer setStaleCacheEntriesTTL", NO_SERVER),
  ...reserved("setMaxTCPQueuedConnections setUDPSocketBufferSizes", QUEUES),
  ...reserved("setTCPRecvTimeout setTCPSendTimeout", TIMES),
  ...reserved("setMaxUDPOutstanding", "'outstandingQueries' of the load balancer is the most of a server"),
  ...reserved("setMaxTCPConnectionDuration", "'maximumConnectionAge' of the load balancer ends connections"),
  ...reserved(
    "setMaxTCPConnectionsPerClient",
    "all that HAProxy hands over comes from one address; 'concurrentConnections' of RateLimit.perClient() limits clients",
  ),
  ...reserved("setSecurityPollSuffix", "nodes ask nobody outside for advice"),
};

const TAGS = "'routes' of a frontend lead queries by tags";
const LIMITS = "it would forget its clients at each change; 'queries' of RateLimit.perClient() limits them";
const RUNTIME = "the library tells by it which servers are up";

/** The words of rules that are left to the library. */
export const DNSDIST_RULE_RESERVED: Reserved = {
  ...reserved("PoolAction", "'pool' and 'routes' of a frontend say which servers answer"),
  ...reserved(
    "AllowAction",
    "no server is in dnsdist's default pool; 'pool' of a frontend answers what no rule turns away",
  ),
  ...reserved("SetTagAction TagRule", TAGS),
  ...reserved("MaxQPSRule MaxQPSIPRule limiter", LIMITS),
  ...reserved("whileUp serving", RUNTIME),
};

/** The schema of a call that sets up dnsdist's process. */
export const EXTRA_SETTING: Field<DnsdistSetting, LuaCall> = parsed<DnsdistSetting, LuaCall>({
  code: "DNSLB168",
  allowed: 'a list of a function of dnsdist.conf and its arguments, such as ["setRingBuffersSize", 20_000]',
  read: (value) => (isSetting(value) && refuseSetting(callOf(value)) === undefined ? callOf(value) : undefined),
  refusal: (value) => (isSetting(value) ? refuseSetting(callOf(value)) : refuseSecrets(value)),
});

function isSetting(value: unknown): value is readonly [string, ...(string | number | boolean)[]] {
  return (
    Array.isArray(value) &&
    typeof value[0] === "string" &&
    value.every((word) => ["string", "number", "boolean"].includes(typeof word))
  );
}

/** The call, whose name may be none of dnsdist's yet. */
function callOf([call, ...args]: readonly [string, ...LuaValue[]]): LuaCall {
  return { call: call as DnsdistFunction, args };
}

/** The schema of the selector of a rule. */
export const EXTRA_SELECTOR: Field<LuaCall> = partOfRule(
  RULE_FUNCTIONS,
  'a selector, such as { call: "QNameLabelsCountRule", args: [0, 8] }',
);

/** The schema of the action of a rule. */
export const EXTRA_ACTION: Field<LuaCall> = partOfRule(
  ACTION_FUNCTIONS,
  'an action, such as { call: "DropAction", args: [] }',
);

function partOfRule(functions: readonly string[], allowed: string): Field<LuaCall> {
  const refuse = (value: LuaCall) => refuseCall(value, functions, DNSDIST_RULE_RESERVED);
  return field<LuaCall>({
    code: "DNSLB168",
    allowed,
    accepts: (value) => isCall(value) && refuse(value) === undefined,
    refusal: (value) => refuseSecrets(value) ?? (isCall(value) ? refuse(value) : undefined),
  });
}

function isCall(value: unknown): value is LuaCall {
  return hasOnly(value, ["call", "args"]) && typeof value["call"] === "string" && Array.isArray(value["args"]);
}

/** An empty one would be an empty list. */
function isRecord(value: unknown): value is LuaRecord {
  if (!hasOnly(value, ["record"])) return false;
  const inner = value["record"];
  return typeof inner === "object" && inner !== null && !Array.isArray(inner) && Object.keys(inner).length > 0;
}

function hasOnly(value: unknown, keys: readonly string[]): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const own = Object.keys(value);
  return own.length === keys.length && keys.every((key) => own.includes(key));
}

function refuseSetting(value: LuaCall): Refusal | undefined {
  const refusal = refuseCall(value, LISTENER_FUNCTIONS, DNSDIST_RESERVED);
  const wanted = refusal === undefined ? refusePlainArguments(value) : undefined;
  // A token is refused as one.
  if (wanted === undefined || value.args.some(isToken)) return refusal;
  const given = value.args.map((arg) => (typeof arg === "number" ? arg : `a ${typeof arg}`)).join(" and ");
  return wrong(`must give ${value.call} ${wanted}, got ${given || "nothing"}`);
}

/** Refuses a call of a function that is none of these, or with what cannot be written or is left to the library. */
function refuseCall({ call, args }: LuaCall, functions: readonly string[], left: Reserved): Refusal | undefined {
  const mine = refuseReserved(call, left);
  if (mine !== undefined) return mine;
  const unknown = refuseKeyword(call, "dnsdist here", functions);
  if (unknown !== undefined) return wrong(unknown.message);
  return firstOf(args, (each) => refuseValue(each, left));
}

function refuseValue(value: LuaValue, left: Reserved): Refusal | undefined {
  if (typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : wrong(`must hold numbers, got ${value}`);
  if (typeof value === "string") {
    return /\p{Cs}/u.test(value) ? wrong("must hold texts, got half of a surrogate pair") : undefined;
  }
  if (isCall(value)) return refuseCall(value, [...RULE_FUNCTIONS, ...RUNTIME_FUNCTIONS], left);
  if (hasOnly(value, ["list"]) && Array.isArray(value["list"])) {
    return firstOf(value["list"] as readonly LuaValue[], (each) => refuseValue(each, left));
  }
  if (isRecord(value)) {
    const [other] = Object.keys(value.record).filter((name) => !isFieldName(name));
    if (other !== undefined) return wrong(`must hold records with names of Lua, got ${shown(other)}`);
    return firstOf(Object.values(value.record), (each) => refuseValue(each, left));
  }
  if (hasOnly(value, ["constant"])) {
    const unknown = refuseReserved(String(value["constant"]), left);
    if (unknown !== undefined) return unknown;
    const constant = refuseKeyword(String(value["constant"]), "dnsdist's constants", DNSDIST_CONSTANTS);
    return constant === undefined ? undefined : wrong(constant.message);
  }
  return wrong("must hold texts, numbers, true, false, calls, constants, and lists and records of them");
}

function firstOf<T>(items: readonly T[], refuse: (item: T) => Refusal | undefined): Refusal | undefined {
  return items.map(refuse).find((refusal) => refusal !== undefined);
}

function wrong(message: string): Refusal {
  return { code: "DNSLB168", message };
}
