import { type DnsdistFunction, LISTENER_FUNCTIONS, type LuaCall, SERVER_OPTION_TYPES } from "./model.js";

const BIND = [
  "reusePort",
  "tcpFastOpenQueueSize",
  "tcpListenQueueSize",
  "interface",
  "cpus",
  "maxInFlight",
  "maxConcurrentTCPConnections",
];

/** The settings that a function's table may hold. dnsdist 1.7 silently ignores an unknown one. */
const SETTINGS: Partial<Record<DnsdistFunction, readonly string[]>> = {
  setLocal: BIND,
  addLocal: BIND,
  addLocals: BIND,
  setWebserverConfig: ["acl", "apiKey", "password", "customHeaders", "statsRequireAuthentication"],
  newServer: [...Object.keys(SERVER_OPTION_TYPES), "pool"],
};

/**
 * The arguments of functions that take plain values alone, all but the first of which may be left out. dnsdist refuses to
 * start where one is of another kind.
 */
export const PLAIN_ARGUMENTS: Readonly<Record<string, readonly ("number" | "boolean")[]>> = {
  setAddEDNSToSelfGeneratedResponses: ["boolean"],
  setAllowEmptyResponse: ["boolean"],
  setCacheCleaningDelay: ["number"],
  setCacheCleaningPercentage: ["number"],
  setConsoleConnectionsLogging: ["boolean"],
  setDropEmptyQueries: ["boolean"],
  setMaxCachedTCPConnectionsPerDownstream: ["number"],
  setMaxTCPClientThreads: ["number"],
  setMaxTCPQueriesPerConnection: ["number"],
  setOutgoingTLSSessionsCacheCleanupDelay: ["number"],
  setOutgoingTLSSessionsCacheMaxTicketValidity: ["number"],
  setOutgoingTLSSessionsCacheMaxTicketsPerBackend: ["number"],
  setPayloadSizeOnSelfGeneratedAnswers: ["number"],
  setProxyProtocolMaximumPayloadSize: ["number"],
  setRingBuffersLockRetries: ["number"],
  setRingBuffersSize: ["number", "number"],
  setTCPDownstreamCleanupInterval: ["number"],
  setTCPDownstreamMaxIdleTime: ["number"],
  setTCPInternalPipeBufferSize: ["number"],
  setUDPMultipleMessagesVectorSize: ["number"],
  setUDPTimeout: ["number"],
  setVerboseHealthChecks: ["boolean"],
};

/** What the arguments of such a function must be; undefined if these are, or it is none. */
export function refusePlainArguments({ call, args }: LuaCall): string | undefined {
  const kinds = PLAIN_ARGUMENTS[call];
  if (kinds === undefined) return undefined;
  const fits = args.every((arg, at) => typeof arg === kinds[at] && (typeof arg !== "number" || isWhole(arg)));
  if (fits && args.length > 0) return undefined;
  const words = kinds.map((kind) => (kind === "number" ? "a whole number from 0 on" : "true or false"));
  return words.length === 1 ? `${words[0]}` : `one or two of: ${words[0]}`;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** The error in a call of dnsdist.conf; undefined if there is none. */
export function refuseListenerCall({ call, args }: LuaCall): string | undefined {
  if (!(LISTENER_FUNCTIONS as readonly string[]).includes(call)) return `${call} does not set up listeners`;
  const known = SETTINGS[call] ?? [];
  const given = args.flatMap((arg) => (typeof arg === "object" && "record" in arg ? Object.keys(arg.record) : []));
  const unknown = given.find((key) => !known.includes(key));
  return unknown === undefined ? undefined : `${call} has no setting ${JSON.stringify(unknown)}`;
}
