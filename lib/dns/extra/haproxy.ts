import { directiveName } from "../../config/haproxy/directive-name.js";
import { type Directive, refuseDirective } from "../../config/haproxy/model.js";
import { type Field, field, type Refusal } from "../../terraform/schema.js";
import { type Reserved, refuseReserved, refuseSecrets, reserved } from "./reserved.js";

const FOREGROUND = "the agent starts HAProxy in the foreground, as a user without rights";
const PATHS = "the configuration names the files of its release by their paths in it";
const STATE = "HAProxy reads there after a reload which servers are down";
const THREADS = "'processors' of a node says how many its daemons use";
const DESCRIPTORS = "HAProxy asks for the descriptors that the connections of a node need";
const PROGRAMS = "HAProxy starts no programs; HealthCheck.external() runs scripts";
const SHARES =
  "'maxConnections' of a node is shared by its listeners; 'rateLimit' of a frontend limits each client of it";
const PROCESS_LIMITS =
  "a limit of the whole process keeps its own health checks away, too; 'rateLimit' of a frontend limits each client of it";
const STATISTICS = "the agent has a socket of its own; 'statistics' of the load balancer serves statistics";
const LOGS = "daemons log where the platform collects it; 'connectionLog' of the load balancer logs connections";
const PROBES = "'healthCheck' of a pool says when and how its servers are probed";
const BUFFERS = "the buffers of the kernel bound what a client of a transfer holds that reads slowly";
const BALANCE = "'balance' of a pool says how it picks a server";
const RETRIES = "a connection that fails is tried once more, on another server";
const SERVERS = "'servers' of a pool are its servers";
const ADDRESS_OF_CLIENTS = "'clientAddress' of a pool says which address servers see";
const RULES =
  "the rules of a frontend rely on their order; 'allowFrom', 'accessRules' and 'rateLimit' say who is served";
const TABLES = "the table of a frontend counts its clients; 'rateLimit' limits them";
const HTTP = "a frontend serves DNS, and HAProxy knows no HTTP there";
const MODE = "HAProxy serves DNS as TCP; 'tcpPath' says who reads queries";
const POOL = "'pool' and 'routes' of a frontend say which servers answer";
const ALIVE = "a load balancer serves what its frontends say";
const FALLBACK = "'fallback' and 'whenAllDown' of a pool say what happens without servers";
const TIMES =
  "'idleTimeout' and 'closeTimeout' of a frontend or DotListener, and 'idleTimeout' of a pool are the times that clients and servers have";

const GLOBAL: Reserved = {
  ...reserved("chroot daemon gid group master-worker pidfile uid unix-bind user", FOREGROUND),
  ...reserved("ca-base crt-base default-path", PATHS),
  ...reserved("server-state-base server-state-file", STATE),
  ...reserved("cpu-map nbthread thread-group thread-groups", THREADS),
  ...reserved("strict-limits ulimit-n", DESCRIPTORS),
  ...reserved("external-check insecure-fork-wanted insecure-setuid-wanted", PROGRAMS),
  ...reserved("maxconn", SHARES),
  ...reserved("maxconnrate maxsessrate maxsslconn maxsslrate", PROCESS_LIMITS),
  ...reserved("stats", STATISTICS),
  ...reserved("log", LOGS),
  ...reserved("localpeer", "a node is its own peer, for the counters of 'rateLimit'"),
  ...reserved("spread-checks", PROBES),
  ...reserved("hard-stop-after mworker-max-reloads", "'hardStopAfter' says how long a replaced process stays"),
  ...reserved("tune.rcvbuf.server tune.sndbuf.client", BUFFERS),
  ...reserved("tune.maxrewrite", "it takes room from the first message of a connection, which must fit into a buffer"),
  ...reserved(
    "ssl-default-bind-ciphers ssl-default-bind-ciphersuites ssl-default-bind-curves ssl-default-bind-options",
    "'minimumTlsVersion' of a DotListener says what clients may speak",
  ),
  ...reserved(
    "ssl-default-server-ciphers ssl-default-server-ciphersuites ssl-default-server-options ssl-server-verify",
    "'tls' of a pool says how servers are verified",
  ),
  ...reserved("tune.ssl.cachesize", "clients resume sessions by tickets, whose keys the agent renews"),
  ...reserved("ssl-load-extra-files", "the agent writes a certificate, its chain and its key into one file"),
};

const PROXY: Reserved = {
  ...reserved("mode option+transparent", MODE),
  ...reserved("log log-format log-format-sd error-log-format", LOGS),
  ...reserved("option+dontlognull option+dontlog-normal option+log-separate-errors option+logasap", LOGS),
  ...reserved("option+httplog option+httpslog option+tcplog", LOGS),
  ...reserved("option+tcp-smart-connect", "the first message of a client goes out with the end of the handshake"),
  ...reserved("option+independent-streams timeout", TIMES),
  ...reserved("retries retry-on option+redispatch", RETRIES),
  ...reserved("load-server-state-from-file server-state-file-name", STATE),
  ...reserved("backlog maxconn", SHARES),
  ...reserved("bind", "'address' and 'port' of a frontend say where it listens"),
  ...reserved("default_backend use_backend use-server", POOL),
  ...reserved("default-server dispatch server server-template", SERVERS),
  ...reserved("balance hash-balance-factor hash-type option+persist persist stick", BALANCE),
  ...reserved("option+allbackups", FALLBACK),
  ...reserved("stick-table", TABLES),
  ...reserved("tcp-request tcp-response", RULES),
  ...reserved("filter option+contstats", "'bytesOut' of 'rateLimit' counts and holds back bytes"),
  ...reserved("external-check http-check option+tcp-check option+httpchk option+external-check tcp-check", PROBES),
  ...reserved("option+ldap-check option+mysql-check option+pgsql-check option+redis-check", PROBES),
  ...reserved("option+smtpchk option+spop-check option+ssl-hello-chk", PROBES),
  ...reserved("source", ADDRESS_OF_CLIENTS),
  ...reserved("stats", STATISTICS),
  ...reserved("http-after-response http-request http-response redirect", HTTP),
  ...reserved("disabled enabled monitor monitor-uri", ALIVE),
  ...reserved("option+abortonclose option+nolinger", "it would cut off answers that are under way"),
};

/** The settings of each kind of section that are left to the library. */
export const HAPROXY_RESERVED = { global: GLOBAL, defaults: PROXY, frontend: PROXY } as const;

/** A kind of section that takes `extra`. */
export type ExtraSection = keyof typeof HAPROXY_RESERVED;

/** The buffer in which a first message must fit, HAProxy's default. */
const LEAST_BUFFER = 16_384;

/** The schema of a directive for a kind of section. */
export function extraDirective(section: ExtraSection): Field<Directive> {
  return field<Directive>({
    code: "DNSLB168",
    allowed: 'a directive of HAProxy as a list of its words, such as ["description", "near the sea"]',
    accepts: (value) => isWords(value) && refuse(section, value) === undefined,
    refusal: (value) => (isWords(value) ? refuse(section, value) : refuseSecrets(value)),
  });
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string");
}

function refuse(section: ExtraSection, words: readonly string[]): Refusal | undefined {
  const left = refuseReserved(directiveName(words), HAPROXY_RESERVED[section]);
  if (left !== undefined) return left;
  const [first] = refuseDirective(words);
  if (first !== undefined) return { code: "DNSLB168", message: `has a word ${first.word + 1} that ${first.message}` };
  const [name, value] = words;
  if (name !== "tune.bufsize" || Number(value) >= LEAST_BUFFER) return undefined;
  return {
    code: "DNSLB169",
    message: `must be at least ${LEAST_BUFFER} for "tune.bufsize", got ${JSON.stringify(value)}: a buffer holds the first message of a connection`,
  };
}
