import { type Attribute, attributes, type Clause, type ClauseDialect } from "../clause-file/model.js";

/** The kind of a clause of nsd.conf; only those that an authoritative server behind a load balancer needs. */
export type NsdClauseKind = "server" | "remote-control" | "key" | "tls-auth" | "pattern" | "zone";

/** One line of a clause: `["provide-xfr", "192.0.2.1", "NOKEY"]`. */
export type NsdAttribute = Attribute;

/** One clause of nsd.conf. */
export type NsdClause = Clause<NsdClauseKind>;

/** A whole nsd.conf. */
export interface NsdFile {
  readonly clauses: readonly NsdClause[];
}

const ZONE = {
  ...attributes("name zonefile include-pattern include zonestats", ["string"]),
  ...attributes("allow-notify notify allow-query", ["word", "word"]),
  ...attributes("request-xfr", ["word", "word", "word", "word"], 2),
  ...attributes("provide-xfr", ["word", "word", "word"], 1),
  ...attributes(
    `allow-axfr-fallback create-ixfr ixfr-number ixfr-size max-refresh-time max-retry-time min-expire-time
    min-refresh-time min-retry-time multi-master-check notify-retry outgoing-interface rrl-whitelist size-limit-xfr
    store-ixfr`,
  ),
};

/**
 * The language of nsd.conf: a closed list of attributes with their number of values. `proxy-protocol-port` and a
 * third value of `provide-xfr` (`tls-auth`) need NSD 4.8.
 *
 * @see https://nsd.docs.nlnetlabs.nl/en/latest/manpages/nsd.conf.html
 */
export const NSD_DIALECT: ClauseDialect<NsdClauseKind> = {
  file: "nsd.conf",
  quotes: ['"'],
  bareKeywords: { attribute: "request-xfr", values: ["AXFR", "UDP"] },
  clauses: {
    server: {
      ...attributes(
        `chroot cookie-secret-file database identity include logfile nsid pidfile tls-cert-bundle tls-service-key
        tls-service-ocsp tls-service-pem username version xfrdfile xfrdir zonelistfile zonesdir`,
        ["string"],
      ),
      ...attributes(
        `answer-cookie confine-to-zone debug-mode do-ip4 do-ip6 drop-updates hide-identity hide-version interface
        ip-address ip-freebind ip-transparent ip4-only ip6-only ipv4-edns-size ipv6-edns-size log-only-syslog
        log-time-ascii minimal-responses outgoing-tcp-mss port proxy-protocol-port receive-buffer-size refuse-any
        reuseport round-robin rrl-ipv4-prefix-length rrl-ipv6-prefix-length rrl-ratelimit rrl-size rrl-slip
        rrl-whitelist-ratelimit send-buffer-size server-count statistics tcp-count tcp-mss tcp-query-count
        tcp-reject-overflow tcp-timeout tls-port verbosity xfrd-reload-timeout xfrd-tcp-max xfrd-tcp-pipeline
        zonefiles-check zonefiles-write`,
      ),
    },
    "remote-control": {
      ...attributes("control-enable control-port"),
      ...attributes("control-interface include server-key-file server-cert-file control-key-file control-cert-file", [
        "string",
      ]),
    },
    key: attributes("name algorithm secret include", ["string"]),
    "tls-auth": attributes("name auth-domain-name client-cert client-key client-key-pw include", ["string"]),
    pattern: ZONE,
    zone: ZONE,
  },
};
