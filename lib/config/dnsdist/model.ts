/** A value in dnsdist's Lua files: data or a call of a known function, so that user data never becomes code. */
export type LuaValue = string | number | boolean | LuaTable | LuaCall | LuaName;

/** A Lua table: an ordered list or a record. */
export type LuaTable = LuaList | LuaRecord;

/** A Lua table with positions: `{ "a", "b" }`. */
export interface LuaList {
  readonly list: readonly LuaValue[];
}

/** A Lua table with names, printed in the order in which they were given: `{ address = "192.0.2.1:53" }`. */
export interface LuaRecord {
  readonly record: Readonly<Record<string, LuaValue>>;
}

/** A call of a function of dnsdist or of `runtime.lua`: `PoolAction("resolvers")`. */
export interface LuaCall {
  readonly call: DnsdistFunction;
  readonly args: readonly LuaValue[];
}

/** A constant of dnsdist: `DNSRCode.REFUSED`. */
export interface LuaName {
  readonly constant: DnsdistConstant;
}

/**
 * Functions that set up the process, for `dnsdist.conf`. `addLocals` is its own: `addLocal` once for each processor that the
 * node may use, with `maxConcurrentTCPConnections` divided among them.
 */
export const LISTENER_FUNCTIONS = [
  "setLocal",
  "addLocal",
  "addLocals",
  "setACL",
  "setProxyProtocolACL",
  "controlSocket",
  "setConsoleACL",
  "setConsoleConnectionsLogging",
  "setSecurityPollSuffix",
  "webserver",
  "setWebserverConfig",
  "setAddEDNSToSelfGeneratedResponses",
  "setAllowEmptyResponse",
  "setCacheCleaningDelay",
  "setCacheCleaningPercentage",
  "setDropEmptyQueries",
  "setMaxCachedTCPConnectionsPerDownstream",
  "setMaxTCPClientThreads",
  "setMaxTCPConnectionDuration",
  "setMaxTCPConnectionsPerClient",
  "setMaxTCPQueriesPerConnection",
  "setMaxTCPQueuedConnections",
  "setMaxUDPOutstanding",
  "setOutgoingTLSSessionsCacheCleanupDelay",
  "setOutgoingTLSSessionsCacheMaxTicketsPerBackend",
  "setOutgoingTLSSessionsCacheMaxTicketValidity",
  "setPayloadSizeOnSelfGeneratedAnswers",
  "setProxyProtocolMaximumPayloadSize",
  "setRingBuffersLockRetries",
  "setRingBuffersSize",
  "setServFailWhenNoServer",
  "setStaleCacheEntriesTTL",
  "setTCPDownstreamCleanupInterval",
  "setTCPDownstreamMaxIdleTime",
  "setTCPInternalPipeBufferSize",
  "setTCPRecvTimeout",
  "setTCPSendTimeout",
  "setUDPMultipleMessagesVectorSize",
  "setUDPSocketBufferSizes",
  "setUDPTimeout",
  "setVerboseHealthChecks",
  "newServer",
] as const;

/** Functions that make a selector of queries, for `policy.lua`. */
export const RULE_FUNCTIONS = [
  "AllRule",
  "AndRule",
  "OrRule",
  "NotRule",
  "DNSSECRule",
  "NetmaskGroupRule",
  "DSTPortRule",
  "QNameRule",
  "QNameLabelsCountRule",
  "SuffixMatchNodeRule",
  "QTypeRule",
  "QClassRule",
  "OpcodeRule",
  "RDRule",
  "EDNSOptionRule",
  "RecordsTypeCountRule",
  "TagRule",
  "TCPRule",
  "PoolAvailableRule",
  "MaxQPSRule",
  "MaxQPSIPRule",
] as const;

/** Functions that make an action, for `policy.lua`. dnsdist 1.7 lacks `SetExtendedDNSErrorAction`. */
export const ACTION_FUNCTIONS = [
  "AllowAction",
  "DropAction",
  "LogAction",
  "NoneAction",
  "PoolAction",
  "RCodeAction",
  "SetExtendedDNSErrorAction",
  "SetNoRecurseAction",
  "SetSkipCacheAction",
  "SetTagAction",
  "SpoofAction",
  "SpoofRawAction",
  "TCAction",
] as const;

/**
 * Functions of `runtime.lua`, for `policy.lua`.
 *
 * - `netmasks({"10.0.0.0/8"})` makes a netmask group.
 * - `suffixes({"example.com."})` makes a set of zones.
 * - `limiter("name", MaxQPSIPRule, 5, 32, 64, 50)` makes a rate-limiting rule. The next release gets the same object,
 *   with its counters, for the same name and arguments.
 * - `whileUp("pool", 2, AllRule())`, around the whole selector of a rule, makes one that is there only while so many servers
 *   of a pool are up. It counts them about once a second.
 * - `serving(AllRule())`, around the whole selector of one rule, makes one that matches the names that `asked` gives to
 *   servers which serve now. It looks about once a second.
 */
export const RUNTIME_FUNCTIONS = ["netmasks", "suffixes", "limiter", "whileUp", "serving"] as const;

/** A function that may be called. All exist in dnsdist 1.7 and 1.9, but for what their list names. */
export type DnsdistFunction =
  | (typeof LISTENER_FUNCTIONS)[number]
  | (typeof RULE_FUNCTIONS)[number]
  | (typeof ACTION_FUNCTIONS)[number]
  | (typeof RUNTIME_FUNCTIONS)[number];

/** Every constant that may be named; `MaxQPSRule` and `MaxQPSIPRule` are arguments of `limiter`. */
export const DNSDIST_CONSTANTS = [
  "DNSRCode.FORMERR",
  "DNSRCode.NOERROR",
  "DNSRCode.NOTIMP",
  "DNSRCode.NXDOMAIN",
  "DNSRCode.REFUSED",
  "DNSRCode.SERVFAIL",
  "DNSOpcode.Query",
  "DNSOpcode.IQuery",
  "DNSOpcode.Status",
  "DNSOpcode.Notify",
  "DNSOpcode.Update",
  "DNSClass.IN",
  "DNSClass.CHAOS",
  "DNSClass.ANY",
  "DNSQType.A",
  "DNSQType.AAAA",
  "DNSQType.ANY",
  "DNSQType.AXFR",
  "DNSQType.IXFR",
  "DNSQType.NS",
  "DNSQType.SOA",
  "DNSQType.TXT",
  "MaxQPSRule",
  "MaxQPSIPRule",
] as const;

/** A constant that dnsdist defines. */
export type DnsdistConstant = (typeof DNSDIST_CONSTANTS)[number];

/** Calls a function: `call("PoolAction", "resolvers")`. */
export function call(name: DnsdistFunction, ...args: readonly LuaValue[]): LuaCall {
  return { call: name, args };
}

/** A call of dnsdist.conf as words: `["setRingBuffersSize", 20000]`. */
export type DnsdistSetting = readonly [name: (typeof LISTENER_FUNCTIONS)[number], ...args: (number | boolean)[]];

/** Makes a list: `list("10.0.0.0/8", "fd00::/8")`. */
export function list(...items: readonly LuaValue[]): LuaList {
  return { list: items };
}

/** Makes a record: `record({ reusePort: true })`. */
export function record(fields: Readonly<Record<string, LuaValue>>): LuaRecord {
  return { record: fields };
}

/** Names a constant: `constant("DNSRCode.REFUSED")`. */
export function constant(name: DnsdistConstant): LuaName {
  return { constant: name };
}

/** The content of `dnsdist.conf`: settings that only a restart can change. Servers, pools and rules are the policy. */
export interface DnsdistListeners {
  /**
   * The file with the console's key, made on the node; its holder can run code as dnsdist.
   *
   * A missing file stops dnsdist, except while its configuration is only checked.
   */
  readonly keyFile: string;
  /** Calls of `LISTENER_FUNCTIONS`, in this order, before the policy is loaded. */
  readonly calls: readonly LuaCall[];
  /**
   * Further ones from elsewhere, printed after these between two comments. The parser gives them back as `calls`.
   * @default - nothing
   */
  readonly extra?: readonly LuaCall[];
}

/** The content of `policy.lua`: settings that change while dnsdist runs. */
export interface DnsdistPolicy {
  readonly servers: readonly DnsdistServer[];
  readonly pools: readonly DnsdistPool[];
  /** Evaluated in order, up to the first match whose action ends the evaluation. */
  readonly rules: readonly DnsdistRule[];
}

/** A server in dnsdist's sense: one address over one transport, with a probe of its own. */
export interface DnsdistServer {
  /** Unique in the policy; a server of the next release with the same id and options keeps its health. */
  readonly id: string;
  /** The pools of the server; without any it is only probed. */
  readonly pools: readonly string[];
  /** The server in the file of a judge by verdicts of others; only with such a judge. */
  readonly verdict?: DnsdistVerdict;
  readonly options: DnsdistServerOptions;
}

/** Whose verdict a server gets, and who can ask for it. */
export interface DnsdistVerdict {
  /** The word for the server in the file. */
  readonly of: string;
  /** The name that the rule with `serving()` matches while the server serves. @default - none */
  readonly asked?: string;
}

/**
 * Options of `newServer` that dnsdist 1.7 and 1.9 both know. `checkFunction` is not among them: a thread of dnsdist that
 * drops the last reference to a removed server would drop the function too, perhaps without the lock of Lua's state.
 *
 * The list is closed because dnsdist silently ignores an unknown option.
 * @see https://dnsdist.org/reference/config.html#newServer
 */
export interface DnsdistServerOptions {
  /** Address and port: `192.0.2.1:53` or `[2001:db8::1]:53`. */
  readonly address: string;
  /** @default - none; dnsdist prints the address alone */
  readonly name?: string;
  /** @default 1 */
  readonly weight?: number;
  /** Lower is preferred by policies that look at it. @default 1 */
  readonly order?: number;
  /** How often a query over TCP is retried. @default 5 */
  readonly retries?: number;
  /** Seconds. @default 5 */
  readonly tcpConnectTimeout?: number;
  /** Seconds. @default 30 */
  readonly tcpSendTimeout?: number;
  /** Seconds. @default 30 */
  readonly tcpRecvTimeout?: number;
  /** @default false */
  readonly tcpFastOpen?: boolean;
  /** Send all queries over TCP. @default false */
  readonly tcpOnly?: boolean;
  /** Queries in flight over one TCP or TLS connection. @default 1 */
  readonly maxInFlight?: number;
  /** @default "a.root-servers.net." */
  readonly checkName?: string;
  /** @default "A" */
  readonly checkType?: string;
  /** Seconds, whole. @default 1 */
  readonly checkInterval?: number;
  /** Milliseconds. @default 1000 */
  readonly checkTimeout?: number;
  /** Probe over TCP. @default false */
  readonly checkTCP?: boolean;
  /** Failed probes in a row until the server is down. @default 1 */
  readonly maxCheckFailures?: number;
  /** Successful probes in a row until the server is up again. @default 1 */
  readonly rise?: number;
  /** NXDOMAIN, REFUSED and SERVFAIL are failures too. @default false */
  readonly mustResolve?: boolean;
  /** Set the CD bit (checking disabled) in the probe. @default false */
  readonly setCD?: boolean;
  /** Send the client's address in a PROXY header, version 2. @default false */
  readonly useProxyProtocol?: boolean;
  /** The source address or interface of queries. @default - the kernel's choice */
  readonly source?: string;
  /** UDP sockets to the server; more of them spread the load better over the server's threads. @default 1 */
  readonly sockets?: number;
  /** Reopen the UDP sockets when the server comes up. @default false */
  readonly reconnectOnUp?: boolean;
  /** Use TLS, with the library of this name. @default - no TLS */
  readonly tls?: "openssl" | "gnutls";
  /** The name that the server's certificate must have. @default - any name */
  readonly subjectName?: string;
  /** @default true */
  readonly validateCertificates?: boolean;
  /**
   * Certificates to trust; a relative path is one in the release. Read when the server is made, so give changed
   * content another name.
   * @default - the system's
   */
  readonly caStore?: string;
}

/** The type of every option of a server: dnsdist itself checks neither names nor, often, types. */
export const SERVER_OPTION_TYPES = {
  address: "string",
  name: "string",
  weight: "number",
  order: "number",
  retries: "number",
  tcpConnectTimeout: "number",
  tcpSendTimeout: "number",
  tcpRecvTimeout: "number",
  tcpFastOpen: "boolean",
  tcpOnly: "boolean",
  maxInFlight: "number",
  checkName: "string",
  checkType: "string",
  checkInterval: "number",
  checkTimeout: "number",
  checkTCP: "boolean",
  maxCheckFailures: "number",
  rise: "number",
  mustResolve: "boolean",
  setCD: "boolean",
  useProxyProtocol: "boolean",
  source: "string",
  sockets: "number",
  reconnectOnUp: "boolean",
  tls: "string",
  subjectName: "string",
  validateCertificates: "boolean",
  caStore: "string",
} as const satisfies Record<keyof DnsdistServerOptions, "string" | "number" | "boolean">;

/** The errors in a server's options, one text each. */
export function refuseServerOptions(options: Readonly<Record<string, unknown>>): string[] {
  const types: Readonly<Record<string, string>> = SERVER_OPTION_TYPES;
  const refusals: string[] = [];
  for (const [key, value] of Object.entries(options)) {
    const type = Object.hasOwn(types, key) ? types[key] : undefined;
    if (type === undefined) refusals.push(`has no option ${JSON.stringify(key)}`);
    else if (typeof value !== type) refusals.push(`option '${key}' must be a ${type}, got a ${typeof value}`);
  }
  if (!Object.hasOwn(options, "address")) refusals.push("must have the option 'address'");
  return refusals;
}

/** How a pool picks a server for a query. */
export const POOL_POLICIES = [
  "leastOutstanding",
  "wrandom",
  "roundRobin",
  "sourceHash",
  "firstAvailable",
  "sendAnyway",
] as const;
/** How a pool picks a server for a query. */
export type DnsdistPoolPolicy = (typeof POOL_POLICIES)[number];

/** A pool of servers and its load-balancing policy. */
export interface DnsdistPool {
  readonly name: string;
  /**
   * `leastOutstanding` picks the server with the fewest unanswered queries for its weight, and rotates on a tie, where
   * dnsdist's own policy always picks the fastest. `roundRobin` is weighted, per pool and thread, over the servers that
   * are up. `sourceHash` is weighted, by the address of the client and the names of the servers, without what stands
   * before a `/` in them. `firstAvailable` picks the server of the lowest `order` that is up. `sendAnyway` rotates over
   * all servers, up or down.
   */
  readonly policy: DnsdistPoolPolicy;
  /** The cache of its answers. Pools that name one cache share it, and give it the same settings. @default - none */
  readonly cache?: DnsdistCache;
  /** How the runtime judges the answers of its servers. @default - dnsdist's own probe alone does */
  readonly judge?: DnsdistJudge;
}

/**
 * A packet cache, with cookies and client subnets in its keys. It stays from release to release while its name and settings
 * stay.
 * @see https://dnsdist.org/reference/config.html#newPacketCache
 */
export interface DnsdistCache {
  readonly name: string;
  readonly entries: number;
  /** Seconds. */
  readonly maximumTtl: number;
  /** Seconds. */
  readonly minimumTtl: number;
  /** Whether it keeps what has expired, for a pool without servers. */
  readonly stale: boolean;
}

/**
 * How the runtime judges a server: beside dnsdist's probe by a question of its own, or instead of it by a TCP connection, with
 * the same timing, or by verdicts of others. A server that is in several pools is judged by the first that has this; one over
 * TLS only by verdicts of others.
 */
export type DnsdistJudge = DnsdistAnswerJudge | DnsdistConnectionJudge | DnsdistVerdictJudge;

/**
 * A judge by verdicts of others, which are the only ones while they hold. A line of the file is the word for a server, the
 * time of the monotonic clock in milliseconds up to which its verdict holds, `up` or `down`, and a reason.
 */
export interface DnsdistVerdictJudge {
  readonly verdicts: string;
}

/** A judge by TCP connections, whose verdict is the only one. */
export interface DnsdistConnectionJudge {
  readonly connect: true;
}

/** A judge by answers. */
export interface DnsdistAnswerJudge {
  /** The query in hexadecimal; the runtime replaces the id. */
  readonly query: string;
  /** Whether the runtime puts a label of eight random digits in front of the name, a new one each time. @default false */
  readonly randomLabel?: boolean;
  /** The RCODEs of a healthy server. */
  readonly rcodes: readonly number[];
  /** Whether NOERROR must come with an answer. */
  readonly answer: boolean;
  /** Whether NOERROR must come with AA. */
  readonly authoritative: boolean;
  /** The data of a record that must be among the answers, in hexadecimal. @default - any data */
  readonly value?: string;
}

/** A rule of the policy. */
export interface DnsdistRule {
  /** Unique in the policy. */
  readonly name: string;
  readonly rule: LuaValue;
  readonly action: LuaValue;
}
