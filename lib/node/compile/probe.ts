import { encode, type OptAnswer, RECURSION_DESIRED } from "dns-packet";
import { call, type LuaCall } from "../../config/dnsdist/model.js";
import type { Directive } from "../../config/haproxy/model.js";
import { toMilliseconds } from "../../core/duration.js";
import type { HealthCheck } from "../../model/health-check.js";
import type { Pool } from "../../model/pool.js";

const PROBE_ID = 0xabcd;
/* The largest UDP answer that avoids IP fragmentation (https://dnsflagday.net/2020/). */
const EDNS_PAYLOAD = 1232;

/** HAProxy's probe of a pool: the query with its length prefix, and a pattern for the answer in hexadecimal. */
export function haproxyProbe({ healthCheck, clientAddress }: Pool): Directive[] {
  return [
    ["option", "tcp-check"],
    ["timeout", "check", healthCheck.timeout],
    ["tcp-check", "connect", ...(clientAddress === "proxy-protocol" ? ["send-proxy"] : [])],
    ["tcp-check", "send-binary", framedQuery(healthCheck)],
    // Length, id of the query, QR set and opcode 0, any flags, RCODE 0. Without min-recv, an answer that does not match
    // would fail only at the timeout.
    ["tcp-check", "expect", "min-recv", "6", "rbinary", "^....ABCD8[0-7].0"],
  ];
}

/** The interval and thresholds of HAProxy's probe, for `default-server`. */
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

/**
 * The probe that a node sends to a server through its peer's dnsdist, in hexadecimal. An empty EDNS option selects the
 * pool. The id is 0; the sender replaces it.
 */
export function peerProof(healthCheck: HealthCheck, option: number): string {
  // The types of dns-packet have no local options, only those that IANA has assigned.
  const options = [{ code: option, data: Buffer.alloc(0) }] as unknown as OptAnswer["options"];
  const edns: OptAnswer = {
    ...{ type: "OPT", name: ".", udpPayloadSize: EDNS_PAYLOAD, extendedRcode: 0, ednsVersion: 0, flags: 0 },
    ...{ flag_do: false, options },
  };
  return query(healthCheck, 0, [edns]).toString("hex");
}

/** The conditions by which dnsdist recognizes such a probe from a peer. */
export function peerProofConditions({ name, type }: HealthCheck, option: number): LuaCall[] {
  return [call("EDNSOptionRule", option), call("QNameRule", name), call("QTypeRule", type)];
}

function framedQuery(healthCheck: HealthCheck): string {
  const message = query(healthCheck, PROBE_ID);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]).toString("hex").toUpperCase();
}

function query({ name, type, recursionDesired }: HealthCheck, id: number, additionals: OptAnswer[] = []): Buffer {
  return encode({
    type: "query",
    id,
    flags: recursionDesired ? RECURSION_DESIRED : 0,
    questions: [{ type, name: name === "." ? "." : name.replace(/\.$/, "") }],
    additionals,
  });
}
