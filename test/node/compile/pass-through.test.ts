import { expect, test } from "vitest";
import type { Frontend } from "../../../lib/model/frontend.js";
import type { PassThroughListener } from "../../../lib/model/pass-through-listener.js";
import { DEBIAN_13 } from "../../../lib/model/platform-profile.js";
import type { Pool } from "../../../lib/model/pool.js";
import {
  haproxyPassThrough,
  haproxyPassThroughPool,
  passThroughSecretFiles,
  passThroughServerNames,
} from "../../../lib/node/compile/pass-through.js";
import { featuresOf } from "../../../lib/node/features.js";
import { FALLBACK, FRONTEND, PAIR, POOL } from "./models.js";
import { directiveLines } from "./render.js";

const PASS: PassThroughListener = {
  ...{ kind: "pass-through", name: "dot", port: 853, serverName: "ns1.test", serversJudge: false, idleTimeout: "30s" },
};
const trust = { kind: "node-file", path: "/private.pem" } as const;
const backend = (pool: Partial<Pool> = {}, more: Partial<PassThroughListener> = {}) =>
  haproxyPassThroughPool({ ...FRONTEND, pool: { ...POOL, ...pool } }, { ...PASS, ...more }, "/trust.pem", "30s", 53);
const lines = (...given: Parameters<typeof backend>) => directiveLines(backend(...given).directives);

test("passes on what begins with a ClientHello, and nothing else", () => {
  const { directives, ...section } = haproxyPassThrough(FRONTEND, PASS, featuresOf(DEBIAN_13));
  expect(section).toEqual({ kind: "frontend", name: "dot" });
  const texts = directiveLines(directives);
  expect(texts[0]).toMatch(/^bind 10\.0\.0\.53:853/);
  expect(texts.join("\n")).not.toContain("ssl crt");
  expect(texts.slice(-4)).toEqual([
    "tcp-request inspect-delay 5s",
    "tcp-request content accept if { req.ssl_hello_type 1 }",
    "tcp-request content reject",
    "default_backend dot:tls",
  ]);
});

test("encrypts the probes and not the stream, which is TLS already", () => {
  expect(backend().name).toBe("dot:tls");
  expect(lines()).toContain("tcp-check connect default");
  const options = "check-ssl verify required ca-file /trust.pem verifyhost ns1.test check-sni ns1.test check-alpn dot";
  expect(lines()).toContain(`server r1 192.0.2.1:853 weight 1 ${options}`);
  expect(lines().filter((line) => / ssl /.test(line))).toEqual([]);
});

test("asks the port and trusts the authorities of the listener, else those of the pool", () => {
  expect(lines({}, { serverPort: 8853, trust })).toContainEqual(
    expect.stringMatching(/^server r1 192\.0\.2\.1:8853 .* ca-file \.\.\/secrets\/dot\/servers\.pem /),
  );
  expect(passThroughSecretFiles({ ...PASS, trust })).toEqual([{ path: "secrets/dot/servers.pem", source: trust }]);
  expect(passThroughSecretFiles(PASS)).toEqual([]);
  const servers = FALLBACK.servers.map((server) => ({ ...server, port: 8853 }));
  expect(lines({ servers, trust })).toContainEqual(
    expect.stringMatching(/^server quad9 9\.9\.9\.9:8853 .* ca-file \.\.\/secrets\/pools\/resolvers\.pem /),
  );
});

test("tells servers who asks, in the probes too", () => {
  const proxied = lines({ clientAddress: "proxy-protocol" });
  expect(proxied).toContainEqual(expect.stringContaining(" send-proxy-v2 "));
  expect(proxied).toContainEqual(expect.stringMatching(/^server r1 .* check-send-proxy$/));
});

test("keeps a server's share on the ring", () => {
  expect(lines({ balance: { kind: "source-hash" } })).toContainEqual(
    expect.stringMatching(/^server r1 192\.0\.2\.1:853 weight \d+ check-ssl .* id \d+$/),
  );
});

test("gives servers a name in the backend of each listener of their frontend", () => {
  const frontend: Frontend = { ...FRONTEND, listeners: [...FRONTEND.listeners, PASS] };
  const [server] = POOL.servers;
  if (server === undefined) throw new Error("the pool has servers");
  expect(passThroughServerNames({ ...PAIR, frontends: [frontend] }, POOL)(server)).toEqual({ "dot:tls": "dot:tls/r1" });
  expect(passThroughServerNames({ ...PAIR, frontends: [frontend] }, FALLBACK)(server)).toEqual({});
});
