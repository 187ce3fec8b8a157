import { type Attribute, attributes, type Clause, type ClauseDialect } from "../clause-file/model.js";

/** The kind of a clause of unbound.conf; only those that a resolver behind a load balancer needs. */
export type UnboundClauseKind = "server" | "remote-control" | "stub-zone" | "forward-zone" | "auth-zone" | "view";

/** One line of a clause: `["access-control", "10.0.0.0/8", "allow"]`. */
export type UnboundAttribute = Attribute;

/** One clause of unbound.conf. */
export type UnboundClause = Clause<UnboundClauseKind>;

/** A whole unbound.conf. */
export interface UnboundFile {
  readonly clauses: readonly UnboundClause[];
}

const LOCAL_DATA = {
  ...attributes("local-zone", ["string", "word"]),
  ...attributes("local-data local-data-ptr", ["string"]),
};

/**
 * The language of unbound.conf: a closed list of attributes with their number of values. There are two kinds of quotes
 * because a TXT record holds quotes itself: `local-data: 'a.test. TXT "b"'`.
 *
 * @see https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html
 */
export const UNBOUND_DIALECT: ClauseDialect<UnboundClauseKind> = {
  file: "unbound.conf",
  quotes: ['"', "'"],
  clauses: {
    server: {
      ...attributes("include", ["string"]),
      ...LOCAL_DATA,
      ...attributes("access-control interface-action", ["word", "word"]),
      ...attributes("access-control-view interface-view access-control-tag interface-tag", ["word", "string"]),
      ...attributes("local-zone-tag", ["string", "string"]),
      ...attributes("ratelimit-for-domain ratelimit-below-domain tcp-connection-limit", ["word", "word"]),
      ...attributes(
        `auto-trust-anchor-file chroot define-tag directory domain-insecure http-endpoint http-user-agent identity
        log-identity logfile module-config nsid pidfile private-domain root-hints target-fetch-policy tls-cert-bundle
        tls-ciphers tls-ciphersuites tls-service-key tls-service-pem tls-session-ticket-keys trust-anchor
        trust-anchor-file username version`,
        ["string"],
      ),
      ...attributes(
        `aggressive-nsec cache-max-negative-ttl cache-max-ttl cache-min-ttl delay-close deny-any
        disable-dnssec-lame-check do-daemonize do-ip4 do-ip6 do-not-query-address do-not-query-localhost do-tcp do-udp
        ede ede-serve-expired edns-buffer-size edns-tcp-keepalive edns-tcp-keepalive-timeout extended-statistics
        fast-server-num fast-server-permil harden-algo-downgrade harden-below-nxdomain harden-dnssec-stripped
        harden-glue harden-large-queries harden-referral-path harden-short-bufsize hide-http-user-agent hide-identity
        hide-trustanchor hide-version http-max-streams http-nodelay https-port ignore-cd-flag incoming-num-tcp
        infra-cache-max-rtt infra-cache-min-rtt infra-cache-numhosts infra-cache-slabs infra-host-ttl
        infra-keep-probing insecure-lan-zones interface interface-automatic interface-automatic-ports ip-address
        ip-dscp ip-freebind ip-ratelimit ip-ratelimit-backoff ip-ratelimit-factor ip-ratelimit-size ip-ratelimit-slabs
        ip-transparent jostle-timeout key-cache-size key-cache-slabs log-local-actions log-queries log-replies
        log-servfail log-tag-queryreply log-time-ascii low-rtt-permil max-query-restarts max-reuse-tcp-queries
        max-sent-count max-udp-size minimal-responses msg-buffer-size msg-cache-size msg-cache-slabs neg-cache-size
        num-queries-per-thread num-threads outbound-msg-retry outgoing-interface outgoing-num-tcp
        outgoing-port-avoid outgoing-port-permit outgoing-range outgoing-tcp-mss pad-queries pad-queries-block-size
        pad-responses pad-responses-block-size port prefer-ip4 prefer-ip6 prefetch prefetch-key private-address
        proxy-protocol-port qname-minimisation qname-minimisation-strict ratelimit ratelimit-backoff ratelimit-factor
        ratelimit-size ratelimit-slabs root-key-sentinel rrset-cache-size rrset-cache-slabs rrset-roundrobin
        serve-expired serve-expired-client-timeout serve-expired-reply-ttl serve-expired-ttl serve-expired-ttl-reset
        serve-original-ttl so-rcvbuf so-reuseport so-sndbuf statistics-cumulative
        statistics-inhibit-zero statistics-interval stream-wait-size tcp-auth-query-timeout tcp-idle-timeout tcp-mss
        tcp-reuse-timeout tcp-upstream tls-additional-port tls-port tls-system-cert tls-upstream tls-use-sni
        trust-anchor-signaling udp-connect udp-upstream-without-downstream unblock-lan-zones unknown-server-time-limit
        unwanted-reply-threshold use-caps-for-id use-syslog use-systemd val-bogus-ttl val-clean-additional
        val-log-level val-max-restart val-permissive-mode val-sig-skew-max val-sig-skew-min verbosity
        zonemd-permissive-mode`,
      ),
    },
    "remote-control": {
      ...attributes("include", ["string"]),
      ...attributes("control-enable control-port control-use-cert"),
      ...attributes("control-interface server-key-file server-cert-file control-key-file control-cert-file", [
        "string",
      ]),
    },
    "stub-zone": {
      ...attributes("include name stub-host", ["string"]),
      ...attributes("stub-addr stub-first stub-no-cache stub-prime stub-tcp-upstream stub-tls-upstream"),
    },
    "forward-zone": {
      ...attributes("include name forward-host", ["string"]),
      ...attributes("forward-addr forward-first forward-no-cache forward-tcp-upstream forward-tls-upstream"),
    },
    "auth-zone": {
      ...attributes("include name url zonefile", ["string"]),
      ...attributes(
        "allow-notify fallback-enabled for-downstream for-upstream primary zonemd-check zonemd-reject-absence",
      ),
    },
    view: { ...attributes("include name", ["string"]), ...attributes("view-first"), ...LOCAL_DATA },
  },
};
