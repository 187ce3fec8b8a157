import { CHECKING_DISABLED, encode, type OptAnswer, RECURSION_DESIRED } from "dns-packet";
import { call, type DnsdistJudge, type LuaCall } from "../../config/dnsdist/model.js";
import type { Directive } from "../../config/haproxy/model.js";
import { toMilliseconds } from "../../core/duration.js";
import { answerData, type HealthCheck, PROBE_RCODES, RANDOM_LABEL_DIGITS } from "../../model/health-check.js";
import type { Pool } from "../../model/pool.js";
import { servesZone } from "./names.js";

const PROBE_ID = 0xabcd;
/* The largest UDP answer that avoids IP fragmentation (https://dnsflagday.net/2020/). */
const EDNS_PAYLOAD = 1232;

/* The label that stands for a random one: where the name is only measured, and where it is no probe of a server. */
const ANY_LABEL = "0".repeat(RANDOM_LABEL_DIGITS);
/* In HAProxy's variable is the random label of a probe in hexadecimal. */
const LABEL = "check.label";
const RANDOM_LABEL = `rand(${9 * 10 ** (RANDOM_LABEL_DIGITS - 1)}),add(${10 ** (RANDOM_LABEL_DIGITS - 1)}),concat(),hex`;

/* HAProxy has no word for "equal": an expression gives the id, which the answer has, or this, which it has not. */
const NOT_THERE = "FFFFFFFFFFFFFFFFFFFFFFFF";

/**
 * HAProxy's probe of a pool: a connection or, after it, the query with its length prefix, a pattern for the answer in
 * hexadecimal, and a comparison of the answer's length with its prefix.
 */
export function haproxyProbe(pool: Pool, nodePort: number): Directive[] {
  const { healthCheck, clientAddress, servers } = pool;
  if (healthCheck.kind === "external") return haproxyAsking(pool, nodePort);
  // Without "default", HAProxy would ask in the clear, whatever the server has for its checks.
  const encrypted = servers.some(({ tls }) => tls !== undefined);
  const connect: Directive[] = [
    ["option", "tcp-check"],
    ["timeout", "check", healthCheck.timeout],
    ["tcp-check", "connect", ...(encrypted ? ["default"] : clientAddress === "proxy-protocol" ? ["send-proxy"] : [])],
  ];
  if (healthCheck.kind === "tcp") return connect;
  return [
    ...connect,
    ...haproxyQuery(healthCheck),
    // With fewer bytes than min-recv, HAProxy waits for the rest; else, a pattern that does not match fails at once.
    ["tcp-check", "expect", "min-recv", String(shortestAnswer(healthCheck)), "rbinary", answerPattern(healthCheck)],
    ["tcp-check", "set-var(check.length)", "payload(0,2),be2dec(:,2)"],
    [
      "tcp-check",
      "expect",
      "binary-lf",
      `%[payload(2,0),hex,length,div(2),strcmp(check.length),bool,iif(${NOT_THERE},${hex(PROBE_ID, 2)})]`,
    ],
    // The pattern takes any label.
    ...(healthCheck.randomLabel ? [["tcp-check", "expect", "binary-lf", `%[var(${LABEL})]`] as const] : []),
  ];
}

/* In HAProxy's variable is the digest of a server's name as text, in hexadecimal. */
const DIGEST = "check.server";
const DIGEST_LENGTH = 40;
const ASKING_TIMEOUT = "500ms";
/* What does not vary of an answer: id, QR and the opcode, RCODE, one question, one answer. */
const SERVES = `^....${hex(PROBE_ID, 2)}8..0${"0001".repeat(2)}`;

/**
 * HAProxy's question to the dnsdist of its node whether a server serves, on a loopback connection of its own: a script
 * decides for UDP and TCP alike, and dnsdist reads its verdict.
 */
function haproxyAsking(pool: Pool, nodePort: number): Directive[] {
  const message = encode({
    ...{ type: "query", id: PROBE_ID, flags: 0 },
    questions: [{ type: "A", name: ["0".repeat(DIGEST_LENGTH), ...servesZone(pool)].join(".") }],
  });
  const text = framed(message);
  const [at, digits] = [2 * (2 + 12 + 1), 2 * DIGEST_LENGTH];
  return [
    ["option", "tcp-check"],
    ["timeout", "check", ASKING_TIMEOUT],
    // In the clear and without a PROXY header, whatever the servers have.
    ["tcp-check", "connect", "addr", "127.0.0.1", "port", String(nodePort)],
    ["tcp-check", `set-var(${DIGEST})`, "srv_name,sha1,hex,hex"],
    ["tcp-check", "send-binary-lf", `${text.slice(0, at)}%[var(${DIGEST})]${text.slice(at + digits)}`],
    ["tcp-check", "expect", "min-recv", String(2 + message.length), "rbinary", SERVES],
  ];
}

/** HAProxy's directives that send the query with its length prefix. */
function haproxyQuery(healthCheck: HealthCheck): Directive[] {
  const query = framedQuery(healthCheck);
  if (!healthCheck.randomLabel) return [["tcp-check", "send-binary", query]];
  // After the length prefix, the header and the length of the label.
  const [at, digits] = [2 * (2 + 12 + 1), 2 * RANDOM_LABEL_DIGITS];
  return [
    ["tcp-check", `set-var(${LABEL})`, RANDOM_LABEL],
    ["tcp-check", "send-binary-lf", `${query.slice(0, at)}%[var(${LABEL})]${query.slice(at + digits)}`],
  ];
}

/** The size of the smallest answer that can be right, with the length before it. */
function shortestAnswer(healthCheck: HealthCheck): number {
  const { answer, rcodes } = healthCheck.expect;
  // A pointer to the name, type, class, TTL, length and a byte. The comparison of lengths waits for what follows.
  const record = answer === "required" && rcodes.includes("NOERROR") && rcodes.length === 1 ? 13 : 0;
  return 2 + query(healthCheck, PROBE_ID).length + record;
}

/** The pattern of a healthy answer in hexadecimal. Without what POSIX patterns have not: PCRE may not be there. */
function answerPattern(healthCheck: HealthCheck): string {
  const { type, expect } = healthCheck;
  const question = query(healthCheck, PROBE_ID).subarray(12);
  const name = healthCheck.randomLabel
    ? `${hex(RANDOM_LABEL_DIGITS, 1)}(3.){${RANDOM_LABEL_DIGITS}}${anyCase(question.subarray(1 + RANDOM_LABEL_DIGITS, -4))}`
    : anyCase(question.subarray(0, -4));
  const asked = `${name}${bytes(question.subarray(-4))}`;
  const owner = `(C00C|${name})`;
  const counted = "(...[1-9A-F]|..[1-9A-F].|.[1-9A-F]..|[1-9A-F]...)";
  const data = expect.value === undefined ? undefined : answerData(type, expect.value);
  const number = bytes(question.subarray(-4, -2));
  // After the class TTL, length and some data.
  const first = `${owner}(${number}|0005)0001..............`;
  const record =
    data === undefined ? first : `(..)*${number}0001........${hex(data.length / 2, 2)}${data.toUpperCase()}`;
  const others = expect.rcodes.filter((rcode) => rcode !== "NOERROR").map((rcode) => PROBE_RCODES[rcode].toString(16));
  // After QR and the opcode, AA, TC and RD; then RA, AD and CD, and the RCODE. One question.
  const head = (flags: string, rcode: string) => `8${flags}.${rcode}0001`;
  const anyFlags = "[0145]";
  const good = `${head(expect.authoritative ? "[45]" : anyFlags, "0")}${
    expect.answer === "required"
      ? `${counted}........${asked}${record}`
      : `(0000........${asked}|${counted}........${asked}${first})`
  }`;
  const choices = [
    ...(expect.rcodes.includes("NOERROR") ? [good] : []),
    ...(others.length > 0 ? [`${head(anyFlags, `[${others.join("")}]`)}....` + `........${asked}`] : []),
  ];
  return `^....${hex(PROBE_ID, 2)}(${choices.join("|")})`;
}

/** Names are equal in any case. */
function anyCase(name: Buffer): string {
  return [...name]
    .map((byte) => {
      const letter = /[A-Za-z]/.test(String.fromCharCode(byte));
      const low = (byte & 15).toString(16).toUpperCase();
      return letter ? `[${(byte & 0x50) >> 4}${((byte & 0x50) >> 4) + 2}]${low}` : hex(byte, 1);
    })
    .join("");
}

function bytes(data: Buffer): string {
  return data.toString("hex").toUpperCase();
}

function hex(number: number, size: number): string {
  return number
    .toString(16)
    .toUpperCase()
    .padStart(2 * size, "0");
}

/** The interval and thresholds of HAProxy's probe, for `default-server`. */
export function haproxyProbeTiming({ kind, interval, fall, rise }: HealthCheck): string[] {
  // A verdict has fallen or risen already; these outlast a restart of dnsdist.
  if (kind === "external") return ["inter", "1s", "fastinter", "500ms", "fall", "3", "rise", "1"];
  return ["inter", interval, "fall", String(fall), "rise", String(rise)];
}

/**
 * dnsdist's probe of a server, as options of `newServer`. Where there is a judge, dnsdist itself leaves RCODEs but
 * SERVFAIL to it, because it would take all servers of a pool out for NXDOMAIN. It asks without a random label.
 */
export function dnsdistProbe(healthCheck: HealthCheck, judged: boolean) {
  const { name, type, interval, timeout, fall, rise, expect, checkingDisabled } = healthCheck;
  return {
    checkName: name,
    checkType: type,
    ...(checkingDisabled ? { setCD: true } : {}),
    mustResolve: !judged && expect.rcodes.every((rcode) => rcode === "NOERROR"),
    checkInterval: toMilliseconds(interval) / 1_000,
    checkTimeout: toMilliseconds(timeout),
    maxCheckFailures: fall,
    rise,
  };
}

/** dnsdist's judge of a pool, with the timing of its probe; `verdicts` is the file with the verdicts of scripts. */
export function dnsdistJudge(healthCheck: HealthCheck, verdicts: string): DnsdistJudge {
  if (healthCheck.kind === "tcp") return { connect: true };
  if (healthCheck.kind === "external") return { verdicts };
  const { type, randomLabel } = healthCheck;
  const { rcodes, answer, value, authoritative } = healthCheck.expect;
  const data = value === undefined ? undefined : answerData(type, value);
  return {
    // Keys do not fit into the 512 bytes of an answer over UDP without EDNS.
    query: query({ ...healthCheck, randomLabel: false }, 0, type === "DNSKEY" ? [edns()] : []).toString("hex"),
    ...(randomLabel ? { randomLabel } : {}),
    rcodes: rcodes.map((rcode) => PROBE_RCODES[rcode]),
    answer: answer === "required",
    authoritative,
    ...(data === undefined ? {} : { value: data }),
  };
}

/**
 * The probe that a node sends to a server through its peer's dnsdist, in hexadecimal. An empty EDNS option selects the
 * pool. The id is 0; the sender replaces it.
 */
export function peerProof(healthCheck: HealthCheck, option: number): string {
  // The types of dns-packet have no local options, only those that IANA has assigned.
  const options = [{ code: option, data: Buffer.alloc(0) }] as unknown as OptAnswer["options"];
  return query(healthCheck, 0, [edns(options)]).toString("hex");
}

function edns(options: OptAnswer["options"] = []): OptAnswer {
  return {
    ...{ type: "OPT", name: ".", udpPayloadSize: EDNS_PAYLOAD, extendedRcode: 0, ednsVersion: 0, flags: 0 },
    ...{ flag_do: false, options },
  };
}

/** The conditions by which dnsdist recognizes such a probe from a peer. */
export function peerProofConditions(healthCheck: HealthCheck, option: number): LuaCall[] {
  return [
    call("EDNSOptionRule", option),
    call("QNameRule", askedName(healthCheck)),
    call("QTypeRule", healthCheck.type),
  ];
}

/** The name that a probe asks for. */
function askedName({ name, randomLabel }: HealthCheck): string {
  return randomLabel ? `${ANY_LABEL}.${name === "." ? "" : name}` : name;
}

function framedQuery(healthCheck: HealthCheck): string {
  return framed(query(healthCheck, PROBE_ID));
}

function framed(message: Buffer): string {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]).toString("hex").toUpperCase();
}

function query(healthCheck: HealthCheck, id: number, additionals: OptAnswer[] = []): Buffer {
  const { type, recursionDesired, checkingDisabled } = healthCheck;
  const name = askedName(healthCheck);
  return encode({
    type: "query",
    id,
    flags: (recursionDesired ? RECURSION_DESIRED : 0) | (checkingDisabled ? CHECKING_DISABLED : 0),
    questions: [{ type, name: name === "." ? "." : name.replace(/\.$/, "") }],
    additionals,
  });
}
