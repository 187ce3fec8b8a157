import type { Directive } from "../../config/haproxy/model.js";
import { hostPort } from "../../core/ip.js";
import type { ConnectionLog } from "../../model/connection-log.js";
import type { Frontend } from "../../model/frontend.js";
import type { PlatformProfile } from "../../model/platform-profile.js";

/** What a line tells, by the name that it has there, in HAProxy's words (section 8.2.4 of its manual). */
const FIELDS = {
  client: "%ci",
  clientPort: "%cp",
  frontend: "%f",
  address: "%fi",
  port: "%fp",
  tls: "%sslv",
  server: "%b/%s",
  queued: "%Tw",
  connected: "%Tc",
  total: "%Tt",
  received: "%U",
  sent: "%B",
  end: "%ts",
  retries: "%rc",
  connections: "%fc",
} as const;
/** Those that are numbers. */
const NUMBERS: readonly string[] = [
  "clientPort",
  "port",
  "queued",
  "connected",
  "total",
  "received",
  "sent",
  "connections",
];

/** HAProxy's log of the connections of a listener; its messages of other severities go where those of the process go. */
export function haproxyConnectionLog(
  log: ConnectionLog | undefined,
  { logConnections = true }: Frontend,
  profile: PlatformProfile,
): Directive[] {
  if (log === undefined || !logConnections) return [];
  return [
    ["log", ...targetOf(log, profile), "info", "info"],
    ["log-format", log.format === "json" ? jsonFormat() : textFormat()],
    ["no", "option", "dontlog-normal"],
  ];
}

function targetOf({ target }: ConnectionLog, profile: PlatformProfile): string[] {
  if (target.kind === "syslog") {
    return [`udp@${hostPort(target.address, target.port)}`, "format", "rfc5424", target.facility];
  }
  return profile.log === "stdout" ? ["stdout", "format", "raw", "daemon"] : ["/dev/log", "daemon"];
}

function textFormat(): string {
  const fields = Object.entries(FIELDS).map(([name, word]) => `${name}=${word}`);
  return [`[%t]`, ...fields].join(" ");
}

function jsonFormat(): string {
  const fields = Object.entries(FIELDS).map(
    ([name, word]) => `"${name}":${NUMBERS.includes(name) ? word : `"${word}"`}`,
  );
  return `{${[`"at":"%t"`, ...fields].join(",")}}`;
}
