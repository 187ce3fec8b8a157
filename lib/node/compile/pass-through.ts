import type { HaproxySection } from "../../config/haproxy/model.js";
import type { Duration } from "../../core/duration.js";
import { hostPort } from "../../core/ip.js";
import type { Frontend } from "../../model/frontend.js";
import { listenersOf } from "../../model/listener.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import type { ManifestListener } from "../../model/manifest.js";
import type { SecretFile } from "../../model/node-spec.js";
import type { PassThroughListener } from "../../model/pass-through-listener.js";
import type { Pool } from "../../model/pool.js";
import type { PoolMember } from "../../model/pool-member.js";
import type { ServerNames } from "../daemons/daemon.js";
import type { NodeFeatures } from "../features.js";
import { haproxyAccess } from "./access.js";
import { haproxyBind, haproxyListener } from "./bind.js";
import { haproxyClientTimeouts } from "./client-timeouts.js";
import { haproxyClientHello } from "./connections.js";
import { passThroughBackend } from "./names.js";
import { haproxyBackend, trustFile } from "./pool.js";
import { haproxyRateLimit } from "./rate-limit.js";

/* DNS over TLS that the servers terminate: HAProxy passes on what begins with a ClientHello, and probes over TLS itself. */

const TLS_PORT = 853;

/** HAProxy's frontend that passes TLS on unread. */
export function haproxyPassThrough(
  frontend: Frontend,
  listener: PassThroughListener,
  features: NodeFeatures,
): HaproxySection {
  return {
    kind: "frontend",
    name: listener.name,
    directives: [
      ...passThroughListeners(frontend, listener).map((each) => haproxyBind(each)),
      ...haproxyClientTimeouts(listener),
      ...haproxyAccess(frontend),
      ...haproxyRateLimit(frontend, features),
      ...haproxyClientHello(),
      ["default_backend", passThroughBackend(listener)],
    ],
  };
}

/** The sockets of a listener that passes TLS on. */
export function passThroughListeners({ addresses }: Frontend, { port }: PassThroughListener): ManifestListener[] {
  return addresses.map((address) => haproxyListener(address, port));
}

/** HAProxy's backend for a listener that passes TLS on; `idleTimeout` is the timeout of idle connections to servers. */
export function haproxyPassThroughPool(
  { pool }: Frontend,
  listener: PassThroughListener,
  trustStore: string,
  idleTimeout: Duration,
  nodePort: number,
): HaproxySection {
  const servers = pool.servers.map(
    (server): PoolMember => ({ ...server, port: serverPort(server, listener), tls: { name: listener.serverName } }),
  );
  const file = listener.trust === undefined ? trustFile(pool, trustStore, "../") : `../${trustPath(listener)}`;
  const options = checkOptions(listener, pool, file);
  return haproxyBackend({
    ...{ name: passThroughBackend(listener), pool: { ...pool, servers }, idleTimeout, nodePort },
    server: ({ name, address, port, weight }) => [
      ...(["server", name, hostPort(address, port), "weight", String(weight)] as const),
      ...options,
    ],
  });
}

/** The names of a pool's servers in the backends of listeners that pass TLS on. */
export function passThroughServerNames({ frontends }: LoadBalancer, pool: Pool): ServerNames {
  const backends = frontends
    .filter((frontend) => frontend.pool.name === pool.name)
    .flatMap((frontend) => listenersOf(frontend, "pass-through"))
    .map(passThroughBackend);
  return (server) => Object.fromEntries(backends.map((backend) => [backend, `${backend}/${server.name}`]));
}

/** The secret files of a listener, by their path in the release. */
export function passThroughSecretFiles(listener: PassThroughListener): SecretFile[] {
  return listener.trust === undefined ? [] : [{ path: trustPath(listener), source: listener.trust }];
}

/** TLS for the probes alone: what clients send is TLS already. */
function checkOptions({ serverName }: PassThroughListener, { clientAddress }: Pool, trustFile: string): string[] {
  return [
    ...["check-ssl", "verify", "required", "ca-file", trustFile, "verifyhost", serverName],
    ...["check-sni", serverName, "check-alpn", "dot"],
    ...(clientAddress === "proxy-protocol" ? ["check-send-proxy"] : []),
  ];
}

function serverPort({ port, tls }: PoolMember, listener: PassThroughListener): number {
  return listener.serverPort ?? (tls === undefined ? TLS_PORT : port);
}

function trustPath({ name }: PassThroughListener): string {
  return `secrets/${name}/servers.pem`;
}
