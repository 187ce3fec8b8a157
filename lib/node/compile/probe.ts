import { encode, RECURSION_DESIRED } from "dns-packet";
import type { Directive } from "../../config/haproxy/model.js";
import { toMilliseconds } from "../../core/duration.js";
import type { HealthCheck } from "../../model/health-check.js";
import type { Pool } from "../../model/pool.js";

const PROBE_ID = 0xabcd;

/** HAProxy's probe of a pool: the query in DNS's TCP framing, and a pattern over the hexadecimal dump of the answer. */
export function haproxyProbe({ healthCheck, clientAddress }: Pool): Directive[] {
  return [
    ["option", "tcp-check"],
    ["timeout", "check", healthCheck.timeout],
    ["tcp-check", "connect", ...(clientAddress === "proxy-protocol" ? ["send-proxy"] : [])],
    ["tcp-check", "send-binary", framedQuery(healthCheck)],
    // Length, our id, QR set and opcode 0, any flags, RCODE 0. Without min-recv a refusal waits for the timeout.
    ["tcp-check", "expect", "min-recv", "6", "rbinary", "^....ABCD8[0-7].0"],
  ];
}

/** How often and how many times HAProxy probes, for its servers' defaults. */
export function haproxyProbeTiming({ interval, fall, rise }: HealthCheck): string[] {
  return ["inter", interval, "fall", String(fall), "rise", String(rise)];
}

/** dnsdist's probe of a server, as options of `newServer`. */
export function dnsdistProbe({ name, type, recursionDesired, interval, timeout, fall, rise }: HealthCheck) {
  return {
    checkName: name,
    checkType: type,
    mustResolve: true,
    checkInterval: toMilliseconds(interval) / 1_000,
    checkTimeout: toMilliseconds(timeout),
    maxCheckFailures: fall,
    rise,
    ...(recursionDesired ? {} : { probeWithoutRecursion: true }),
  };
}

function framedQuery({ name, type, recursionDesired }: HealthCheck): string {
  const message = encode({
    type: "query",
    id: PROBE_ID,
    flags: recursionDesired ? RECURSION_DESIRED : 0,
    questions: [{ type, name: name === "." ? "." : name.replace(/\.$/, "") }],
  });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]).toString("hex").toUpperCase();
}
