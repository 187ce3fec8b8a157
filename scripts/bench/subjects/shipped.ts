import type { Construct } from "constructs";
import {
  AuthoritativePool,
  type AuthoritativePoolProps,
  Certificate,
  type DnsFrontendOptions,
  DockerNode,
  DotListener,
  Route,
  StandaloneLoadBalancer,
  type StandaloneLoadBalancerProps,
} from "../../../lib/index.js";
import { DNS_PORT } from "../../../lib/model/dns-listener.js";
import type { ModelLab } from "../../../lib/testing/index.js";
import { namespaceName } from "../../../lib/testing/lab/names.js";
import type { Subject } from "./subject.js";

/** The file of the certificate, which the lab issues. */
export const CERTIFICATE = "certs/dns.example.com.pem";

/** A node as the library makes it, with nothing set but what is named here. */
export interface Shipping {
  readonly name: string;
  readonly title: string;
  readonly address: string;
  readonly pool: Pick<AuthoritativePoolProps, "servers"> & Partial<AuthoritativePoolProps>;
  /** What its frontend has beside the pool. */
  readonly frontend?: Omit<DnsFrontendOptions, "pool">;
  /** How many frontends it has, on ports from 53 on; the last is asked. */
  readonly frontends?: number;
  /** Names with routes to another pool with the same servers. */
  readonly routes?: readonly string[];
  /** Whether it serves DNS over TLS. */
  readonly tls?: boolean;
  readonly loadBalancer?: Omit<StandaloneLoadBalancerProps, "node">;
}

/* More than any needs: it only says what synthesis refuses. */
const MEMORY = "64g";

/** Adds the constructs of a node; it runs when the lab starts. */
export function ship(scope: Construct, shipping: Shipping): void {
  const { name, address, pool, frontend, frontends = 1, routes = [], tls = false, loadBalancer = {} } = shipping;
  const node = new DockerNode(scope, name, { address, memory: MEMORY });
  const balancer = new StandaloneLoadBalancer(scope, `${name}-lb`, { node, ...loadBalancer });
  const servers = new AuthoritativePool(scope, `${name}-pool`, { zones: ["example.com"], ...pool });
  const led = routes.length === 0 ? {} : { routes: routesTo(scope, `${name}-routed`, pool, routes) };
  for (let index = 0; index < frontends; index += 1) {
    const props = { ...frontend, ...led, pool: servers, port: DNS_PORT + index };
    const made = balancer.addDnsFrontend(`front${index}`, props);
    if (tls && index === 0) {
      const certificate = Certificate.fromLocalFile(CERTIFICATE);
      new DotListener(scope, `${name}-dot`, { frontend: made, certificate });
    }
  }
}

/** A route for each name, so that none is merged with another. */
function routesTo(scope: Construct, id: string, pool: Shipping["pool"], names: readonly string[]): Route[] {
  const servers = new AuthoritativePool(scope, id, { zones: ["example.com"], ...pool });
  return names.map((name) => Route.toPool(servers, { names: [name] }));
}

/** The node as a subject, once the lab runs. */
export function shipped(lab: ModelLab, { name, title, address, frontends = 1 }: Shipping): Subject {
  return { name, title, address, port: DNS_PORT + frontends - 1, namespace: namespaceName(lab.name, name) };
}
