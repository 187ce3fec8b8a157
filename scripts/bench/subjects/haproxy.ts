import { DNS_PORT } from "../../../lib/model/dns-listener.js";
import type { IssuedCertificate } from "../../../lib/testing/index.js";
import type { Machine } from "../machine.js";
import type { Subject } from "./subject.js";

/** What of the article's configuration depends on the machine. */
export interface ArticleTuning {
  readonly servers: readonly string[];
  readonly processors: number;
  readonly certificate: Pick<IssuedCertificate, "pem">;
}

/* The chain and the key of a certificate of the lab, which nobody else trusts. */
const CERTIFICATE = "dns.pem";

/**
 * Starts HAProxy with the configuration of the article "HAProxy DNS Load Balancing" for UDP, TCP and DNS over TLS, with what
 * it takes to start: without UDP, which HAProxy does not have; with fewer connections, for which the descriptors are enough;
 * with as many threads as processors, where the article has four; and in its favour, without its logs.
 */
export function haproxyOfArticle(machine: Machine, tuning: ArticleTuning): Subject {
  machine.write(CERTIFICATE, tuning.certificate.pem);
  const config = machine.write("haproxy.cfg", articleCfg(machine, tuning));
  machine.start("haproxy", ["haproxy", "-W", "-f", config]);
  const { address, namespace } = machine;
  return { name: "article", title: "the article's HAProxy", address, port: DNS_PORT, namespace };
}

/** The configuration of the article, mended. */
export function articleCfg(
  { address, directory }: Pick<Machine, "address" | "directory">,
  { servers, processors }: Pick<ArticleTuning, "servers" | "processors">,
): string {
  return `global
  stats socket ${directory}/admin.sock mode 660 level admin expose-fd listeners
  stats timeout 30s
  user haproxy
  group haproxy
  maxconn 8000
  nbthread ${processors}
defaults dns
  timeout connect 1s
  timeout client 5s
  timeout server 5s
  default-server inter 3s fall 3 rise 2
frontend dns_tcp_frontend
  bind ${address}:${DNS_PORT}
  mode tcp
  default_backend dns_tcp_backend
frontend dns_tls_frontend
  bind ${address}:853 ssl crt ${directory}/${CERTIFICATE}
  mode tcp
  default_backend dns_tcp_backend
backend dns_tcp_backend
  mode tcp
  balance roundrobin
  option tcp-check
${servers.map((server, index) => `  server dns${index + 1} ${server}:${DNS_PORT} check`).join("\n")}
listen stats
  bind ${address}:8404
  mode http
  stats enable
  stats uri /stats
  stats refresh 5s
  http-request use-service prometheus-exporter if { path /metrics }
`;
}
