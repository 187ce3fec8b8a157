import { expect, test } from "vitest";
import { dnsdistConf } from "../../../scripts/bench/subjects/dnsdist.js";
import { articleCfg } from "../../../scripts/bench/subjects/haproxy.js";
import { nginxConf } from "../../../scripts/bench/subjects/nginx.js";

const machine = { address: "10.0.0.12", directory: "/run/bench" };
const tuning = { servers: ["10.0.1.1", "10.0.1.2"], processors: 2 };
const certificate = { certificate: "/c.pem", key: "/c.key", pem: "" };

/* What peers are given is part of every figure: a change of it must be seen. */
test("dnsdist by hand", () => {
  expect(dnsdistConf(machine.address, { ...tuning, certificate, cache: 1_000 })).toMatchInlineSnapshot(`
    "addLocal("10.0.0.12:53", { reusePort = true })
    addLocal("10.0.0.12:53", { reusePort = true })
    addTLSLocal("10.0.0.12:853", "/c.pem", "/c.key", { provider = "openssl", minTLSVersion = "tls1.2" })
    setACL({ "0.0.0.0/0" })
    setSecurityPollSuffix("")
    setMaxTCPClientThreads(2)
    setMaxTCPQueuedConnections(0)
    setMaxUDPOutstanding(65535)
    setServerPolicy(roundrobin)
    newServer({ address = "10.0.1.1:53", sockets = 2, checkName = "example.com.", checkType = "SOA", checkInterval = 2, maxInFlight = 100 })
    newServer({ address = "10.0.1.2:53", sockets = 2, checkName = "example.com.", checkType = "SOA", checkInterval = 2, maxInFlight = 100 })
    getPool(""):setCache(newPacketCache(1000))
    "
  `);
});

test("the article's HAProxy", () => {
  expect(articleCfg(machine, tuning)).toMatchInlineSnapshot(`
    "global
      stats socket /run/bench/admin.sock mode 660 level admin expose-fd listeners
      stats timeout 30s
      user haproxy
      group haproxy
      maxconn 8000
      nbthread 2
    defaults dns
      timeout connect 1s
      timeout client 5s
      timeout server 5s
      default-server inter 3s fall 3 rise 2
    frontend dns_tcp_frontend
      bind 10.0.0.12:53
      mode tcp
      default_backend dns_tcp_backend
    frontend dns_tls_frontend
      bind 10.0.0.12:853 ssl crt /run/bench/dns.pem
      mode tcp
      default_backend dns_tcp_backend
    backend dns_tcp_backend
      mode tcp
      balance roundrobin
      option tcp-check
      server dns1 10.0.1.1:53 check
      server dns2 10.0.1.2:53 check
    listen stats
      bind 10.0.0.12:8404
      mode http
      stats enable
      stats uri /stats
      stats refresh 5s
      http-request use-service prometheus-exporter if { path /metrics }
    "
  `);
});

test("nginx by hand", () => {
  expect(nginxConf(machine, tuning)).toMatchInlineSnapshot(`
    "load_module /usr/lib/nginx/modules/ngx_stream_module.so;
    daemon off;
    user root;
    pid /run/bench/nginx.pid;
    worker_processes 2;
    worker_rlimit_nofile 20000;
    error_log /run/bench/error.log error;
    events { worker_connections 9000; }
    stream {
      upstream dns {
        server 10.0.1.1:53;
        server 10.0.1.2:53;
      }
      server {
        listen 10.0.0.12:53 udp reuseport;
        proxy_timeout 5s;
        proxy_pass dns;
      }
      server {
        listen 10.0.0.12:53 reuseport;
        proxy_timeout 30s;
        proxy_pass dns;
      }
    }
    "
  `);
});
