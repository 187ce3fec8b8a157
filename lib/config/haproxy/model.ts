import { type Refusal, refuseCharacters, refuseKeyword, shown } from "../words.js";

/**
 * The first words of the directives that a proxy for DNS may need. Closed on purpose: the printer and the parser
 * refuse any other word, so that a misspelt directive is found here and not on a node.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html#4.1
 */
export const HAPROXY_KEYWORDS = [
  // global: process, security, paths
  "busy-polling",
  "ca-base",
  "chroot",
  "close-spread-time",
  "cpu-map",
  "crt-base",
  "daemon",
  "default-path",
  "description",
  "external-check",
  "gid",
  "group",
  "hard-stop-after",
  "insecure-fork-wanted",
  "insecure-setuid-wanted",
  "issuers-chain-path",
  "localpeer",
  "log-send-hostname",
  "master-worker",
  "maxconnrate",
  "maxpipes",
  "maxsessrate",
  "maxsslconn",
  "maxsslrate",
  "mworker-max-reloads",
  "nbthread",
  "node",
  "noepoll",
  "nosplice",
  "numa-cpu-mapping",
  "pidfile",
  "profiling.tasks",
  "server-state-base",
  "server-state-file",
  "set-dumpable",
  "spread-checks",
  "ssl-default-bind-ciphers",
  "ssl-default-bind-ciphersuites",
  "ssl-default-bind-curves",
  "ssl-default-bind-options",
  "ssl-default-server-ciphers",
  "ssl-default-server-ciphersuites",
  "ssl-default-server-options",
  "ssl-dh-param-file",
  "ssl-load-extra-files",
  "ssl-server-verify",
  "strict-limits",
  "thread-group",
  "thread-groups",
  "tune.buffers.reserve",
  "tune.bufsize",
  "tune.comp.maxlevel",
  "tune.fd.edge-triggered",
  "tune.idle-pool.shared",
  "tune.idletimer",
  "tune.listener.multi-queue",
  "tune.maxaccept",
  "tune.maxpollevents",
  "tune.maxrewrite",
  "tune.pattern.cache-size",
  "tune.pipesize",
  "tune.pool-high-fd-ratio",
  "tune.pool-low-fd-ratio",
  "tune.rcvbuf.client",
  "tune.rcvbuf.server",
  "tune.recv_enough",
  "tune.runqueue-depth",
  "tune.sched.low-latency",
  "tune.sndbuf.client",
  "tune.sndbuf.server",
  "tune.ssl.cachesize",
  "tune.ssl.capture-buffer-size",
  "tune.ssl.default-dh-param",
  "tune.ssl.force-private-cache",
  "tune.ssl.keylog",
  "tune.ssl.lifetime",
  "tune.ssl.maxrecord",
  "uid",
  "ulimit-n",
  "unix-bind",
  "user",
  // proxies: client side
  "acl",
  "backlog",
  "bind",
  "capture",
  "clitcpka-cnt",
  "clitcpka-idle",
  "clitcpka-intvl",
  "declare",
  "default_backend",
  "maxconn",
  "mode",
  "monitor",
  "monitor-uri",
  "rate-limit",
  "tcp-request",
  "use_backend",
  // proxies: server side
  "balance",
  "default-server",
  "dispatch",
  "fullconn",
  "hash-balance-factor",
  "hash-type",
  "load-server-state-from-file",
  "persist",
  "retries",
  "retry-on",
  "server",
  "server-state-file-name",
  "server-template",
  "source",
  "srvtcpka-cnt",
  "srvtcpka-idle",
  "srvtcpka-intvl",
  "stick",
  "stick-table",
  "tcp-response",
  "use-server",
  // proxies: checks
  "email-alert",
  "http-check",
  "tcp-check",
  // proxies: HTTP, for statistics and health pages
  "errorfile",
  "errorfiles",
  "errorloc",
  "errorloc302",
  "errorloc303",
  "http-after-response",
  "http-request",
  "http-response",
  "http-reuse",
  "redirect",
  "stats",
  "unique-id-format",
  "unique-id-header",
  // proxies: logs and the rest
  "disabled",
  "enabled",
  "error-log-format",
  "filter",
  "id",
  "log",
  "log-format",
  "log-format-sd",
  "log-tag",
  "no",
  "option",
  "timeout",
  // peers
  "default-bind",
  "peer",
  "table",
] as const;

/** The first word of a directive. */
export type HaproxyKeyword = (typeof HAPROXY_KEYWORDS)[number];

/** The kinds of section, in the order in which HAProxy's manual introduces them. */
export const HAPROXY_SECTION_KINDS = [
  "global",
  "defaults",
  "frontend",
  "backend",
  "listen",
  "userlist",
  "peers",
] as const;

/** The kind of a section. */
export type HaproxySectionKind = (typeof HAPROXY_SECTION_KINDS)[number];

/**
 * One line of a section as words: `["server", "r1", "192.0.2.1:53", "check"]`. Words are unquoted; the printer quotes
 * them.
 */
export type Directive = readonly [keyword: HaproxyKeyword, ...args: string[]];

/** One section of haproxy.cfg. */
export interface HaproxySection {
  readonly kind: HaproxySectionKind;
  /**
   * The section's name: letters, digits, `-`, `_`, `.` and `:`.
   *
   * @default - no name: always for `global`, possible for `defaults`, an error for other kinds
   */
  readonly name?: string;
  /** In the order in which HAProxy evaluates them. */
  readonly directives: readonly Directive[];
  /**
   * Further ones from elsewhere, printed after these between two comments. The parser gives them back as `directives`.
   *
   * @default - nothing
   */
  readonly extra?: readonly Directive[];
}

/** A whole haproxy.cfg. */
export interface HaproxyFile {
  readonly sections: readonly HaproxySection[];
}

/** The most words of a line that HAProxy reads. */
const MOST_WORDS = 64;

const SECTION_NAME = /^[A-Za-z0-9_.:-]+$/;
const NAME_RULE: Readonly<Record<HaproxySectionKind, "none" | "optional" | "required">> = {
  global: "none",
  defaults: "optional",
  frontend: "required",
  backend: "required",
  listen: "required",
  userlist: "required",
  peers: "required",
};

/** Refuses a section of an unknown kind or with a name that its kind does not take. */
export function refuseSection(kind: string, name: string | undefined): Refusal | undefined {
  const unknown = refuseKeyword(kind, "haproxy.cfg's sections", HAPROXY_SECTION_KINDS);
  if (unknown) return unknown;
  const rule = NAME_RULE[kind as HaproxySectionKind];
  if (name === undefined) {
    return rule === "required" ? { code: "DNSLB804", message: `must be given: '${kind}' has no name` } : undefined;
  }
  if (rule === "none") return { code: "DNSLB804", message: `must be left out of '${kind}', got ${shown(name)}` };
  if (SECTION_NAME.test(name)) return undefined;
  return { code: "DNSLB804", message: `must be letters, digits, "-", "_", "." and ":", got ${shown(name)}` };
}

/** Refuses unknown keywords and words that HAProxy would drop, each with its index. */
export function refuseDirective(words: readonly string[]): (Refusal & { readonly word: number })[] {
  const keyword = refuseKeyword(words[0] ?? "", "haproxy.cfg", HAPROXY_KEYWORDS);
  const refused = words.flatMap((text, word) => {
    const refusal = refuseWord(text);
    return refusal ? [{ ...refusal, word }] : [];
  });
  if (words.length > MOST_WORDS) {
    const message = `is one word too many: HAProxy takes ${MOST_WORDS} on a line, got ${words.length}`;
    refused.push({ code: "DNSLB806", message, word: MOST_WORDS });
  }
  return keyword ? [{ ...keyword, word: 0 }, ...refused] : refused;
}

function refuseWord(word: string): Refusal | undefined {
  if (word !== "") return refuseCharacters(word);
  return { code: "DNSLB803", message: "must not be empty: HAProxy ends the line's arguments at an empty word" };
}
