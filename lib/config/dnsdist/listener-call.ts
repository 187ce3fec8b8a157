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

/** The error in a call of dnsdist.conf; undefined if there is none. */
export function refuseListenerCall({ call, args }: LuaCall): string | undefined {
  if (!(LISTENER_FUNCTIONS as readonly string[]).includes(call)) return `${call} does not set up listeners`;
  const known = SETTINGS[call] ?? [];
  const given = args.flatMap((arg) => (typeof arg === "object" && "record" in arg ? Object.keys(arg.record) : []));
  const unknown = given.find((key) => !known.includes(key));
  return unknown === undefined ? undefined : `${call} has no setting ${JSON.stringify(unknown)}`;
}
