import { beforeAll, expect, test } from "vitest";
import { enforcedBy, pathsOf } from "../../lib/review/enforced.js";
import { type Reviewed, reviewedEverything, reviewedExamples } from "./reviewed.js";

let all: readonly Reviewed[];
beforeAll(async () => {
  all = [...(await reviewedExamples()), ...reviewedEverything()];
}, 60_000);

function tableOf(name: string, frontendName: string): string {
  const loadBalancer = all.find((each) => each.name === name)?.loadBalancer;
  const frontend = loadBalancer?.frontends.find((each) => each.name === frontendName);
  if (loadBalancer === undefined || frontend === undefined) throw new RangeError(`no frontend ${frontendName}`);
  const head = ["", ...pathsOf(frontend).map(({ title }) => title)];
  const rows = enforcedBy(loadBalancer, frontend).map(({ what, on }) => [what, ...on]);
  return [head, ...rows].map((cells) => cells.join(" | ")).join("\n");
}

test("every row says something of every path", () => {
  for (const { name, loadBalancer } of all) {
    for (const frontend of loadBalancer.frontends) {
      for (const { what, on } of enforcedBy(loadBalancer, frontend)) {
        expect(on, `${name}: ${what}`).toHaveLength(pathsOf(frontend).length);
      }
    }
  }
});

test("connections are balanced and limited by HAProxy where TCP is direct", () => {
  expect(tableOf("production", "internal")).toMatchInlineSnapshot(`
    " | UDP 53 | TCP 53 | TLS 853 (dot)
    reaches servers through | dnsdist | HAProxy | HAProxy
    serves 10.0.0.0/8, 192.168.0.0/16, fd53::/64 | dnsdist refuses others | HAProxy rejects others | HAProxy rejects others
    connections of a node |  | HAProxy: sure of 975, up to 3,900 of 8,000; one client 100 of a half-full share | HAProxy: sure of 975, up to 3,900 of 8,000; one client 100 of a half-full share
    first message |  | HAProxy: within 5s | HAProxy: within 5s
    idle, closing |  | HAProxy: 10s | HAProxy: 30s
    TLS |  |  | HAProxy: from TLS 1.2; client certificates optional
    a client: 30/10s new connections |  | HAProxy rejects | HAProxy rejects
    one client is /32 of IPv4, /64 of IPv6 | every client is limited | every client is limited | every client is limited
    balances | queries, least busy | connections, least busy | connections, least busy
    resolvers: when servers are down | all down: uses public-resolvers, else tries them all the same | all down: uses public-resolvers, else tries them all the same | all down: uses public-resolvers, else tries them all the same
    public-resolvers: when servers are down | all down: tries them all the same | all down: tries them all the same | all down: tries them all the same"
  `);
});

test("queries are judged on every path where TCP is inspected", () => {
  expect(tableOf("production", "public")).toMatchInlineSnapshot(`
    " | UDP 53 | TCP 53 | TLS 853 (public-dot)
    reaches servers through | dnsdist | HAProxy, then dnsdist | HAProxy, then dnsdist
    serves everybody | no limit | no limit | no limit
    connections of a node |  | HAProxy: sure of 975, up to 3,900 of 8,000; one client 100 of a half-full share | HAProxy: sure of 975, up to 3,900 of 8,000; one client 100 of a half-full share
    first message |  | HAProxy: within 5s | HAProxy: within 5s
    idle, closing |  | HAProxy: 10s | HAProxy: 30s
    TLS |  |  | HAProxy: from TLS 1.3
    a client: 5000/10s queries, then truncate | dnsdist: answers with TC | dnsdist: refuse | dnsdist: refuse
    a client: 500/10s new connections |  | HAProxy rejects | HAProxy rejects
    one client is /32 of IPv4, /64 of IPv6 | every client is limited | every client is limited | every client is limited
    balances | queries, least busy | queries, least busy | queries, least busy
    authoritative: when servers are down | all down: tries them all the same | all down: tries them all the same | all down: tries them all the same
    zone transfers for 198.51.100.0/24 | dnsdist refuses others | dnsdist refuses others | dnsdist refuses others"
  `);
});

test("what the servers terminate is read by nobody", () => {
  expect(tableOf("variables", "frontend")).toMatchInlineSnapshot(`
    " | UDP 53 | TCP 53 | TLS 853 (passed), passed on
    reaches servers through | dnsdist | HAProxy | HAProxy, unread
    serves 10.0.0.0/8 | dnsdist refuses others | HAProxy rejects others | HAProxy rejects others
    connections of a node |  | HAProxy: sure of 3,900 of 8,000; one client 195 of a half-full share | HAProxy: sure of 3,900 of 8,000; one client 195 of a half-full share
    first message |  | HAProxy: within 5s | HAProxy: a ClientHello within 5s
    idle, closing |  | HAProxy: 10s | HAProxy: 30s
    TLS |  |  | the servers, as dns.example.net
    balances | queries, least busy | connections, least busy | connections, least busy
    public: when servers are down | all down: tries them all the same | all down: tries them all the same | the connection fails"
  `);
});

test("every kind of policy has its row", () => {
  expect(tableOf("standalone", "frontend")).toMatchInlineSnapshot(`
    " | UDP 5353 | TCP 5353 | TLS 853 (dot0) | TLS 854 (dot1)
    reaches servers through | dnsdist | HAProxy, then dnsdist | HAProxy, then dnsdist | HAProxy, then dnsdist
    serves 10.0.0.0/8 | dnsdist refuses others | HAProxy rejects others | HAProxy rejects others | HAProxy rejects others
    connections of a node |  | HAProxy: sure of 1,133, up to 3,401 of 7,000; one client 100 of a half-full share | HAProxy: sure of 1,133, up to 3,401 of 7,000; one client 100 of a half-full share | HAProxy: sure of 1,133, up to 3,401 of 7,000; one client 100 of a half-full share
    first message |  | HAProxy: within 5s | HAProxy: within 5s | HAProxy: within 5s
    idle, closing |  | HAProxy: 9s, closing 2s | HAProxy: 9s, closing 2s | HAProxy: 9s, closing 2s
    TLS |  |  | HAProxy: from TLS 1.2; known names alone; client certificates optional | HAProxy: from TLS 1.2; known names alone; client certificates required, 2 names
    a client: 50/10s queries, 90 at once, then drop | dnsdist: drop | dnsdist: drop | dnsdist: drop | dnsdist: drop
    a client: 30/10s new connections |  | HAProxy rejects | HAProxy rejects | HAProxy rejects
    a client: 9 connections at once |  | HAProxy rejects | HAProxy rejects | HAProxy rejects
    a client: 10m/10s bytes of answers |  | HAProxy holds back, or rejects before version 3.0 | HAProxy holds back, or rejects before version 3.0 | HAProxy holds back, or rejects before version 3.0
    one client is /24 of IPv4, /56 of IPv6 | no limits for 198.51.100.0/24, 2001:db8:77::/48 | no limits for 198.51.100.0/24, 2001:db8:77::/48 | no limits for 198.51.100.0/24, 2001:db8:77::/48 | no limits for 198.51.100.0/24, 2001:db8:77::/48
    refuse names a.example.com., types ANY, from 198.51.100.0/24 | dnsdist | dnsdist | dnsdist | dnsdist
    drop names b.example.com., types ANY 65280, from 198.51.100.0/24 | dnsdist | dnsdist | dnsdist | dnsdist
    refuse names c.example.com., types NULL, classes CH, opcodes STATUS 15, from 198.51.100.0/24 | dnsdist | dnsdist | dnsdist | dnsdist
    drop names c.example.com., types NULL, classes CH, opcodes STATUS 15, from 198.51.100.0/24 | dnsdist | dnsdist | dnsdist | dnsdist
    send to TCP names c.example.com., types NULL, classes CH, opcodes STATUS 15, from 198.51.100.0/24 | dnsdist | not for TCP | not for TCP | not for TCP
    refuse types NULL, extended error filtered: ask us | dnsdist | dnsdist | dnsdist | dnsdist
    names corp.example.com., types SRV 65280, from 198.51.100.0/24 to tls | dnsdist | dnsdist | dnsdist | dnsdist
    balances | queries, round robin | queries, random | queries, random | queries, random
    pool: when servers are down | all down: answers SERVFAIL | all down: answers SERVFAIL | all down: answers SERVFAIL | all down: answers SERVFAIL
    cache | dnsdist | dnsdist | dnsdist | dnsdist"
  `);
});
