import type { HaproxySection } from "../../config/haproxy/model.js";
import { hostPort } from "../../core/ip.js";
import { STATISTICS_CONNECTIONS } from "../../model/connection-share.js";
import type { ComposedFile, ManifestListener, TlsListener } from "../../model/manifest.js";
import type { NodeDescription } from "../../model/node.js";
import type { ReleaseFile, SecretFile } from "../../model/node-spec.js";
import { LOOPBACK_PORTS, type PlatformProfile } from "../../model/platform-profile.js";
import { STATISTICS_LISTENER, type Statistics } from "../../model/statistics.js";
import { featuresOf } from "../features.js";
import { networkList, rejectOthers } from "./access.js";
import { haproxyBind, haproxyListener } from "./bind.js";
import { haproxyHandshakeTimeout, withLimits } from "./connections.js";
import { AGENT_BACKEND, METRICS_BACKEND, STATISTICS, STATISTICS_CLIENTS } from "./names.js";
import { HAPROXY_CLIENT } from "./rate-limit.js";
import { certificateFiles, certificatePath, haproxyTlsBind } from "./tls.js";

const USERLIST = "statistics";
const PASSWORD_PATH = "secrets/statistics-password";
/* In the folder of haproxy.cfg, but without the suffix .cfg, with which HAProxy would read it as configuration. */
const METRIC_FILE = "release.prom";
/**
 * The map by which the agent tells the running HAProxy which services are to be restarted, and what has changed by the renewal
 * of a certificate.
 */
export const RESTARTS_DUE = "restarts-due.map";
const ALLOW_LIST = "lists/statistics.lst";

/** The socket at which the agent tells the metrics of the node, in its directory for sockets. */
export const METRICS_SOCKET = "metrics.sock";
/* Requests to the agent at once, and how long others wait; it answers as many more. */
const AGENT_REQUESTS = 8;
const AGENT_TIMEOUT = "5s";

/* Connections of one client while half of the page's are taken: enough for a browser or a collector of metrics. */
const CLIENT_CONNECTIONS = 10;

/*
 * Wrong passwords and other errors of one client in so many seconds, beyond which HAProxy answers 429 without a look at
 * the password. The answer is an error, too: a client that goes on guessing stays out.
 */
const ERROR_PERIOD = "10s";
const MOST_ERRORS = 10;

/** HAProxy's statistics page and the metrics of HAProxy, dnsdist and the node, on one port with one credential. */
export function haproxyStatistics(
  statistics: Statistics,
  node: NodeDescription,
  { versions, paths }: PlatformProfile,
): HaproxySection[] {
  const tls = statistics.certificate !== undefined;
  const frontend: HaproxySection = {
    kind: "frontend",
    name: STATISTICS,
    directives: [
      ["mode", "http"],
      ...statisticsListeners(statistics, node).map((each) => haproxyBind(each, ...(tls ? tlsBind(paths.run) : []))),
      ...(statistics.allowFrom ? [rejectOthers(ALLOW_LIST)] : []),
      ["timeout", "client", "10s"],
      ...(tls ? haproxyHandshakeTimeout(featuresOf(versions).handshakeTimeout) : []),
      ["timeout", "http-request", "5s"],
      ["http-request", "track-sc2", HAPROXY_CLIENT, "table", STATISTICS_CLIENTS],
      [
        ...(["http-request", "deny", "deny_status", "429", "if"] as const),
        ...["{", `sc_http_err_rate(2,${STATISTICS_CLIENTS})`, "gt", String(MOST_ERRORS), "}"],
      ],
      // Before the services, because the exporter of metrics does not check credentials.
      ["http-request", "auth", "realm", "statistics", "unless", "{", `http_auth(${USERLIST})`, "}"],
      ["http-request", "use-service", "prometheus-exporter", "if", "{", "path", "/metrics", "}"],
      [
        ...(["http-request", "return", "status", "200", "content-type", "text/plain; version=0.0.4"] as const),
        ...["lf-file", METRIC_FILE, "if", "{", "path", "/metrics/node", "}"],
      ],
      ["use_backend", AGENT_BACKEND, "if", "{", "path", "/metrics/agent", "}"],
      ["use_backend", METRICS_BACKEND, "if", "{", "path", "/metrics/dnsdist", "}"],
      ["stats", "enable"],
      ["stats", "uri", "/stats"],
      ["stats", "refresh", "5s"],
    ],
  };
  return [
    withLimits(frontend, { share: STATISTICS_CONNECTIONS, client: CLIENT_CONNECTIONS }),
    {
      kind: "backend",
      name: STATISTICS_CLIENTS,
      directives: [
        ["stick-table", ...["type", "ipv6", "size", "10k", "expire", "1m", "store", `http_err_rate(${ERROR_PERIOD})`]],
      ],
    },
    {
      kind: "backend",
      name: METRICS_BACKEND,
      directives: [
        ["mode", "http"],
        ["timeout", "server", "5s"],
        ["http-request", "set-path", "/metrics"],
        ["http-request", "del-header", "Authorization"],
        ["server", "dnsdist", hostPort("127.0.0.1", LOOPBACK_PORTS.dnsdistWeb)],
      ],
    },
    {
      kind: "backend",
      name: AGENT_BACKEND,
      directives: [
        ["mode", "http"],
        ["timeout", "server", AGENT_TIMEOUT],
        ["timeout", "queue", AGENT_TIMEOUT],
        ["http-request", "set-path", "/metrics"],
        ["http-request", "del-header", "Authorization"],
        ["server", "agent", `unix@${paths.run}/${METRICS_SOCKET}`, "maxconn", String(AGENT_REQUESTS)],
      ],
    },
  ];
}

/** HAProxy's files: the networks that may open the statistics page, and a map that has no entry before it runs. */
export function statisticsFiles({ allowFrom }: Statistics): ReleaseFile[] {
  return [
    ...(allowFrom ? [networkList(ALLOW_LIST, allowFrom)] : []),
    { path: `haproxy/${RESTARTS_DUE}`, content: "# The agent of the node fills it while HAProxy runs.\n" },
  ];
}

/** The sockets for statistics and metrics. */
export function statisticsListeners({ addresses, port }: Statistics, node: NodeDescription): ManifestListener[] {
  return [...new Set([...node.addresses, ...addresses])].map((address) => haproxyListener(address, port));
}

/** The secret files of the statistics, by their path in the release. */
export function statisticsSecretFiles({ password, certificate }: Statistics): SecretFile[] {
  return [
    { path: PASSWORD_PATH, source: password },
    ...(certificate ? certificateFiles(certificatePath(STATISTICS_LISTENER), certificate) : []),
  ];
}

/** What the agent must know of the statistics' TLS. */
export function statisticsTls({ certificate }: Statistics): TlsListener[] {
  if (certificate === undefined) return [];
  return [{ name: STATISTICS_LISTENER, service: "haproxy", certificate: certificatePath(STATISTICS_LISTENER) }];
}

/** The files that the agent writes for HAProxy: the credentials, and a metric with the release's name. */
export function statisticsComposed({ user }: Statistics): ComposedFile[] {
  return [
    {
      kind: "service",
      service: "haproxy",
      path: "haproxy/credentials.cfg",
      secret: PASSWORD_PATH,
      settings: { userlist: USERLIST, user },
    },
    {
      kind: "release-metric",
      path: `haproxy/${METRIC_FILE}`,
      // Not known from a reload on until the agent has told it.
      restartDue: `%[str({service}),map(${RESTARTS_DUE},NaN)]`,
      live: `%[str({key}),map(${RESTARTS_DUE},{value})]`,
    },
  ];
}

/* HTTP/1.1 alone: one connection of HTTP/2 would hold many requests. */
function tlsBind(run: string): string[] {
  return haproxyTlsBind({ name: STATISTICS_LISTENER, minimumVersion: "1.2", protocol: "http/1.1", run });
}
