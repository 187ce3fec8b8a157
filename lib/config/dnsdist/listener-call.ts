import { type DnsdistFunction, LISTENER_FUNCTIONS, type LuaCall, type LuaValue, SERVER_OPTION_TYPES } from "./model.js";

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

/** What an argument may be: true or false, or a whole number in a range. */
type PlainArgument = "flag" | readonly [least: number, most: number];

const WHOLE: PlainArgument = [0, 4_294_967_295];
const SHORT: PlainArgument = [0, 65_535];

/**
 * The arguments of functions that take plain values alone, all but the first of which may be left out. dnsdist does not start
 * with one of another kind, or with a number that is too large for it.
 */
export const PLAIN_ARGUMENTS: Readonly<Record<string, readonly PlainArgument[]>> = {
  setAddEDNSToSelfGeneratedResponses: ["flag"],
  setAllowEmptyResponse: ["flag"],
  setCacheCleaningDelay: [WHOLE],
  setCacheCleaningPercentage: [[0, 100]],
  setConsoleConnectionsLogging: ["flag"],
  setDropEmptyQueries: ["flag"],
  setMaxCachedTCPConnectionsPerDownstream: [WHOLE],
  setMaxTCPClientThreads: [WHOLE],
  setMaxTCPQueriesPerConnection: [WHOLE],
  setOutgoingTLSSessionsCacheCleanupDelay: [WHOLE],
  setOutgoingTLSSessionsCacheMaxTicketValidity: [WHOLE],
  setOutgoingTLSSessionsCacheMaxTicketsPerBackend: [WHOLE],
  // dnsdist takes the nearest of these for others, and says so.
  setPayloadSizeOnSelfGeneratedAnswers: [[512, 1_500]],
  setProxyProtocolMaximumPayloadSize: [WHOLE],
  setRingBuffersLockRetries: [WHOLE],
  // dnsdist 1.7 makes room for all entries when it starts.
  setRingBuffersSize: [
    [1, 10_000_000],
    [1, 1_024],
  ],
  setTCPDownstreamCleanupInterval: [SHORT],
  setTCPDownstreamMaxIdleTime: [SHORT],
  setTCPInternalPipeBufferSize: [WHOLE],
  setUDPMultipleMessagesVectorSize: [WHOLE],
  setUDPTimeout: [SHORT],
  setVerboseHealthChecks: ["flag"],
};

/** What the arguments of such a function must be; undefined if these are, or it is none. */
export function refusePlainArguments({ call, args }: LuaCall): string | undefined {
  const wanted = PLAIN_ARGUMENTS[call];
  if (wanted === undefined || (args.length > 0 && args.every((arg, at) => fits(arg, wanted[at])))) return undefined;
  return wanted.map(inWords).join(", and perhaps ");
}

function fits(value: LuaValue, wanted: PlainArgument | undefined): boolean {
  if (wanted === undefined || wanted === "flag") return wanted === "flag" && typeof value === "boolean";
  const [least, most] = wanted;
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

function inWords(argument: PlainArgument): string {
  if (argument === "flag") return "true or false";
  const [least, most] = argument.map((each) => each.toLocaleString("en-US"));
  return `a whole number from ${least} to ${most}`;
}

/** The error in a call of dnsdist.conf; undefined if there is none. */
export function refuseListenerCall({ call, args }: LuaCall): string | undefined {
  if (!(LISTENER_FUNCTIONS as readonly string[]).includes(call)) return `${call} does not set up listeners`;
  const known = SETTINGS[call] ?? [];
  const given = args.flatMap((arg) => (typeof arg === "object" && "record" in arg ? Object.keys(arg.record) : []));
  const unknown = given.find((key) => !known.includes(key));
  return unknown === undefined ? undefined : `${call} has no setting ${JSON.stringify(unknown)}`;
}
