import { type Duration, isDuration, toMilliseconds } from "../core/duration.js";
import * as model from "../model/health-check.js";
import { factoryMade } from "../terraform/brand.js";
import { boolean, domainName, duration, integer, recordData, wholeSeconds } from "../terraform/fields.js";
import { input, parseOptions, type Report } from "../terraform/parse.js";
import { type Filled, listOf, object, oneOf, optional, type Shape, withDefault } from "../terraform/schema.js";
import { localScript } from "./local-script.js";

/** How a server is probed. What is left out, the role of the pool decides. */
export type HealthCheck = QueryHealthCheck | DnsOverTlsHealthCheck | TcpHealthCheck | ExternalHealthCheck;

/** A check by queries. */
export type QueryHealthCheck = Omit<model.HealthCheck, "kind" | "recursionDesired" | "expect"> & {
  readonly kind: "query";
  readonly recursionDesired?: boolean;
  readonly expect: Omit<model.ExpectedAnswer, "authoritative"> & { readonly authoritative?: boolean };
};

/** A check by queries over TLS. */
export type DnsOverTlsHealthCheck = Omit<QueryHealthCheck, "kind"> & { readonly kind: "dns-over-tls" };

/** A check by TCP connections. */
export type TcpHealthCheck = Pick<model.HealthCheck, keyof HealthCheckTiming> & { readonly kind: "tcp" };

/** A check by a script. */
export type ExternalHealthCheck = Pick<model.HealthCheck, keyof HealthCheckTiming> & {
  readonly kind: "external";
  readonly script: string;
};

/** What every probe by a query can expect of the answer. */
export interface ExpectedResponseOptions {
  /**
   * The response codes that are healthy.
   * @default ["NOERROR"]
   */
  readonly rcodes?: readonly model.ProbeRcode[];
  /**
   * Whether NOERROR must come with an answer: a first record under the queried name that has the queried type or is a
   * CNAME.
   * @default "required"
   */
  readonly answer?: "required" | "optional";
}

/** What a healthy server answers. */
export interface ExpectedAnswerOptions extends ExpectedResponseOptions {
  /**
   * The data that one of the answered records must have, as in a zone file: an address for A and AAAA, for TXT a text of
   * up to 255 ASCII characters without quotes around it. Not with servers over TLS.
   * @default - any data
   */
  readonly value?: string;
  /**
   * Whether NOERROR must come with the AA bit (authoritative answer). Not with servers over TLS.
   * @default - yes in an authoritative pool, no in a resolver pool
   */
  readonly authoritative?: boolean;
}

/** When servers are probed, for every kind of health check. */
export interface HealthCheckTiming {
  /**
   * The time between two probes of a server. Whole seconds: dnsdist has no smaller unit.
   * @default "2s"
   * @see https://www.dnsdist.org/guides/downstreams.html#healthcheck
   */
  readonly interval?: Duration;
  /**
   * How long to wait for the answer to a probe; shorter than the interval.
   * @default - "1s", or half the interval where that is shorter
   */
  readonly timeout?: Duration;
  /**
   * Failed probes in a row after which a server is down. Between 1 and 100.
   * @default 3
   */
  readonly fall?: number;
  /**
   * Successful probes in a row after which it is up again. Between 1 and 100.
   * @default 2
   */
  readonly rise?: number;
}

/** Options for `HealthCheck.tcp()`. */
export type TcpHealthCheckOptions = HealthCheckTiming;

/** Options for `HealthCheck.external()`. */
export interface ExternalHealthCheckOptions extends HealthCheckTiming {
  /**
   * The script: the path of a file on the machine that synthesizes, or, if it begins with `#!`, the text itself. It begins
   * with `#!` and the absolute path of an interpreter that the nodes have, and is UTF-8 of at most 64 KiB. It holds no secret:
   * it stands in plans and in Terraform's state, and everybody on a node can read it.
   */
  readonly script: string;
}

/** Options for `HealthCheck.query()`. */
export interface QueryHealthCheckOptions extends HealthCheckTiming {
  /** The name to query. */
  readonly name: string;
  /** The record type to query. */
  readonly type: model.ProbeType;
  /**
   * Whether the probe sets the RD bit (recursion desired).
   * @default - yes in a resolver pool, no in an authoritative one
   */
  readonly recursionDesired?: boolean;
  /**
   * Whether the probe sets the CD bit (checking disabled), so that a resolver answers without validating. Without it, a
   * domain whose signatures have expired takes out all resolvers that validate.
   * @default false
   * @see https://www.rfc-editor.org/rfc/rfc4035#section-3.2.2
   */
  readonly checkingDisabled?: boolean;
  /**
   * Whether each probe asks for a new label of eight random digits in front of `name`, so that no cache answers it: a
   * resolver must ask the servers of the domain. The domain needs a wildcard record, `*.` before `name`, or `expect` must
   * let NXDOMAIN pass. Not with servers over TLS.
   * @default false
   */
  readonly randomLabel?: boolean;
  /**
   * The answer of a healthy server. Whatever it says, the answer must be well-formed and for the question asked.
   *
   * A server is down after failed probes: silence, other response codes, broken messages. Faults of content, namely
   * NXDOMAIN, NOERROR without the answer, another value or a missing AA bit, are often those of a zone and so on all
   * servers at once: dnsdist takes out half of a pool at most for them, and `dns-lb status` names the servers.
   * @default {}
   */
  readonly expect?: ExpectedAnswerOptions;
}

/** Options for `HealthCheck.dnsOverTls()`. */
export interface DnsOverTlsHealthCheckOptions extends HealthCheckTiming {
  /** The name to query. */
  readonly name: string;
  /** The record type to query. */
  readonly type: model.ProbeType;
  /**
   * Whether the probe sets the RD bit (recursion desired).
   * @default - yes in a resolver pool, no in an authoritative one
   */
  readonly recursionDesired?: boolean;
  /**
   * Whether the probe sets the CD bit (checking disabled), so that a resolver answers without validating.
   * @default false
   * @see https://www.rfc-editor.org/rfc/rfc4035#section-3.2.2
   */
  readonly checkingDisabled?: boolean;
  /**
   * The answer of a healthy server, as far as dnsdist judges one over TLS.
   * @default {}
   */
  readonly expect?: ExpectedResponseOptions;
}

/** Makes health checks, which decide which servers of a pool get queries. */
export const HealthCheck = {
  /** Probes with a query on each transport separately; NOERROR with an answer is healthy, unless `expect` says else. */
  query(options: QueryHealthCheckOptions): QueryHealthCheck {
    const { interval, timeout = defaultTimeout(interval), ...rest } = parseOptions(QUERY, options);
    return factoryMade("HealthCheck", { kind: "query", ...rest, interval, timeout });
  },

  /**
   * Probes by a TLS handshake, the name and the chain of the server's certificate, and a query; for pools whose servers all
   * have `tls`.
   * @see https://www.rfc-editor.org/rfc/rfc7858
   */
  dnsOverTls(options: DnsOverTlsHealthCheckOptions): DnsOverTlsHealthCheck {
    const { interval, timeout = defaultTimeout(interval), ...rest } = parseOptions(DNS_OVER_TLS, options);
    return factoryMade("HealthCheck", { kind: "dns-over-tls", ...rest, interval, timeout });
  },

  /**
   * Connects by TCP and closes the connection, for UDP as for TCP. It asks nothing: a server that hangs is up, because its
   * kernel still accepts connections, and so is one that answers SERVFAIL to everything. Pools warn of it at synthesis
   * (DNSLB165). For servers that must not see queries of the load balancer; not with servers over TLS.
   */
  tcp(options: TcpHealthCheckOptions = {}): TcpHealthCheck {
    const { interval, timeout = defaultTimeout(interval), ...rest } = parseOptions(TCP, options);
    return factoryMade("HealthCheck", { kind: "tcp", ...rest, interval, timeout });
  },

  /**
   * Lets a script of yours judge each server, on each node, for UDP and for TCP alike. It is run as
   * `SCRIPT ADDRESS PORT SERVER POOL`: where the server answers, its name, and the name of its pool. Exit status 0 means that
   * the server serves; any other, a signal, and no end within `timeout` mean that it does not. `dns-lb-agent status` shows the
   * first line of what it printed last, up to 80 characters, for servers that are down.
   *
   * A run has a user of its own that owns nothing, no rights, no input, an empty directory that it cannot write to, and of the
   * environment only `PATH`, `HOME` and `LANG`. It can write no files, and has 32 processes, 64 open files and 256 MiB of data
   * at most. After `timeout`, or when the script ends, all that it has left running is killed. At most 32 run at a time on a
   * node, and what needs more is refused (DNSLB022).
   *
   * A verdict holds for two intervals and timeouts and three seconds more. Where there is none, as before the first run or
   * when the watch of the node does not work, dnsdist's own query decides, `. NS` or for the SOA of the first zone.
   */
  external(options: ExternalHealthCheckOptions): ExternalHealthCheck {
    const { interval, timeout = defaultTimeout(interval), script, ...rest } = parseOptions(EXTERNAL, options);
    return factoryMade("HealthCheck", { kind: "external", script, ...rest, interval, timeout });
  },
} as const;

function defaultTimeout(interval: Duration): Duration {
  return toMilliseconds(interval) <= 1_000 ? `${Math.floor(toMilliseconds(interval) / 2)}ms` : "1s";
}

/* Without the final dot (RFC 1035, section 2.3.4). */
const LONGEST_NAME = 253;

const RCODES = listOf(oneOf<model.ProbeRcode>({ NOERROR: true, NXDOMAIN: true, REFUSED: true }));

const TIMING = {
  interval: withDefault(wholeSeconds("1s", "1h"), "2s"),
  timeout: optional(duration("10ms", "1h")),
  fall: withDefault(integer(1, 100), 3),
  rise: withDefault(integer(1, 100), 2),
} satisfies Shape<HealthCheckTiming>;

const TIMING_SCHEMA = object<HealthCheckTiming>()(TIMING);

const TCP = input({ name: "HealthCheck.tcp()", schema: TIMING_SCHEMA, check: checkTimeout });

const EXTERNAL = input({
  name: "HealthCheck.external()",
  schema: object<ExternalHealthCheckOptions>()({ script: localScript, ...TIMING }),
  check: checkTimeout,
});

const PROBE_TYPE = oneOf<model.ProbeType>({
  A: true,
  AAAA: true,
  CNAME: true,
  DNSKEY: true,
  DS: true,
  MX: true,
  NS: true,
  PTR: true,
  SOA: true,
  SRV: true,
  TXT: true,
});

const RESPONSE = {
  rcodes: withDefault(RCODES, ["NOERROR"]),
  answer: withDefault(oneOf<"required" | "optional">({ required: true, optional: true }), "required"),
} satisfies Shape<ExpectedResponseOptions>;

const SCHEMA = object<QueryHealthCheckOptions>()({
  name: domainName,
  type: PROBE_TYPE,
  recursionDesired: optional(boolean),
  checkingDisabled: withDefault(boolean, false),
  randomLabel: withDefault(boolean, false),
  ...TIMING,
  expect: withDefault(
    object<ExpectedAnswerOptions>()({
      ...RESPONSE,
      value: optional(recordData),
      authoritative: optional(boolean),
    }),
    {},
  ),
});

const DNS_OVER_TLS = input({
  name: "HealthCheck.dnsOverTls()",
  schema: object<DnsOverTlsHealthCheckOptions>()({
    name: domainName,
    type: PROBE_TYPE,
    recursionDesired: optional(boolean),
    checkingDisabled: withDefault(boolean, false),
    ...TIMING,
    expect: withDefault(object<ExpectedResponseOptions>()(RESPONSE), {}),
  }),
  check: (filled, report) => {
    checkTimeout(filled, report);
    checkRcodes(filled.expect, report);
  },
});

const QUERY = input({
  name: "HealthCheck.query()",
  schema: SCHEMA,
  check: (filled, report) => {
    checkTimeout(filled, report);
    checkLabel(filled, report);
    checkExpected(filled, report);
  },
});

function checkRcodes({ rcodes }: { readonly rcodes: readonly model.ProbeRcode[] }, report: Report): void {
  if (rcodes.length > 0) return;
  report("DNSLB111", ["expect", "rcodes"], "must hold at least one RCODE, got an empty list; leave it out for NOERROR");
}

function checkExpected({ type, expect }: Filled<typeof SCHEMA>, report: Report): void {
  const { rcodes, answer, value } = expect;
  checkRcodes(expect, report);
  if (value === undefined) return;
  if (answer === "optional" || !rcodes.includes("NOERROR")) {
    report(
      "DNSLB135",
      ["expect", "value"],
      "contradicts 'answer' or 'rcodes', which let a server be healthy without an answer; leave out one of them",
    );
  }
  if (model.answerData(type, value) === undefined) {
    report(
      "DNSLB135",
      ["expect", "value"],
      `must be the data of a record of type A, AAAA or TXT, as an address or as up to 255 printable ASCII characters, got "${value}" for type ${type}; leave it out, or probe for another type`,
    );
  }
}

function checkLabel({ name, randomLabel }: Filled<typeof SCHEMA>, report: Report): void {
  const longest = LONGEST_NAME - model.RANDOM_LABEL_DIGITS - 1;
  const { length } = name.replace(/\.$/, "");
  if (!randomLabel || length <= longest) return;
  report(
    "DNSLB109",
    ["name"],
    `must be at most ${longest} characters long, to have room for a random label, got ${length}; shorten it or leave out 'randomLabel'`,
  );
}

function checkTimeout({ interval, timeout }: Filled<typeof TIMING_SCHEMA>, report: Report): void {
  if (timeout === undefined || !isDuration(timeout) || !isDuration(interval)) return;
  if (toMilliseconds(timeout) < toMilliseconds(interval)) return;
  report(
    "DNSLB113",
    ["timeout"],
    `must be shorter than the interval of "${interval}", got "${timeout}"; lower it or raise 'interval'`,
  );
}
