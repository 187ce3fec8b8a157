import { Testing } from "cdktf";
import { addProductionStacks } from "../../../examples/production/stacks.js";
import type { Duration } from "../../../lib/core/duration.js";
import type { Frontend } from "../../../lib/model/frontend.js";
import { detectionTime } from "../../../lib/model/health-check.js";
import type { LoadBalancer } from "../../../lib/model/load-balancer.js";
import { Lab, type LabClient, LabSecret, type LabSecrets, loadBalancersOf } from "../../../lib/testing/index.js";

export const PASSWORD = `it's "$ecret" #1`;
export const TLS_NAME = "dns.example.com";
/** The certificate of its listeners with TLS. */
export const CERTIFICATE = "certs/dns.example.com.pem";

/** The virtual addresses of the production stack. */
export const ADDRESS = {
  internal: "10.0.0.53",
  internal6: "fd53::53",
  public: "203.0.113.53",
  public6: "2001:db8:113::53",
} as const;

/** Clients: two inside, two out in the world, one that nobody lets in. */
export const CLIENT = {
  inside: "10.0.0.77",
  inside6: "fd53::77",
  world: "192.0.2.77",
  world6: "2001:db8:99::77",
  secondary: "198.51.100.7",
  outsider: "172.16.9.9",
} as const;

/** The load balancer of examples/production as the app makes it. */
export function productionModel(): LoadBalancer {
  const app = Testing.app();
  addProductionStacks(app);
  const [loadBalancer] = loadBalancersOf(app);
  if (loadBalancer === undefined) throw new Error("the production app has no load balancer");
  return loadBalancer;
}

/** The production stack with a quicker probe of the resolvers, so that tests need not wait as long for a verdict. */
export function quickModel(): LoadBalancer {
  return withFrontend(productionModel(), "internal", ({ pool, ...frontend }) => ({
    ...frontend,
    pool: { ...pool, healthCheck: { ...pool.healthCheck, interval: "1s", timeout: "500ms", fall: 2, rise: 1 } },
  }));
}

/** Starts the production stack, or what a test made of it, with further secrets. */
export function startProduction(
  name: string,
  model: LoadBalancer = productionModel(),
  secrets: LabSecrets = {},
): Promise<Lab> {
  return Lab.start([model], {
    name,
    secrets: {
      [CERTIFICATE]: LabSecret.certificate(TLS_NAME),
      "certs/ca.pem": LabSecret.authority(),
      "secrets/statistics-password": PASSWORD,
      ...secrets,
    },
  });
}

/** The model with one of its frontends changed. */
export function withFrontend(
  model: LoadBalancer,
  name: string,
  change: (frontend: Frontend) => Frontend,
): LoadBalancer {
  return {
    ...model,
    frontends: model.frontends.map((frontend) => (frontend.name === name ? change(frontend) : frontend)),
  };
}

/** The model with another time for clients to be idle on port 53 of a frontend. */
export function withIdleTimeout(model: LoadBalancer, name: string, idleTimeout: Duration): LoadBalancer {
  return withFrontend(model, name, ({ listeners, ...frontend }) => ({
    ...frontend,
    listeners: listeners.map((listener) => (listener.kind === "dns" ? { ...listener, idleTimeout } : listener)),
  }));
}

/** The longest that a silent server of a frontend's pool still gets queries, in milliseconds. */
export function detectionOf(model: LoadBalancer, frontend: string): number {
  const found = model.frontends.find(({ name }) => name === frontend);
  if (found === undefined) throw new Error(`no frontend ${frontend}`);
  return detectionTime(found.pool.healthCheck);
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The one node that holds all virtual addresses; fails if they are not all on one. */
export async function leaderOf(lab: Lab): Promise<string> {
  const holders = await Promise.all(Object.values(ADDRESS).map((address) => lab.holders(address)));
  const names = new Set(holders.flat());
  const [name, ...others] = names;
  if (name === undefined || others.length > 0 || holders.some((each) => each.length !== 1)) {
    throw new Error(`no single node holds all addresses: ${JSON.stringify(holders)}`);
  }
  return name;
}

/** The other node of the pair. */
export function otherThan(lab: Lab, name: string): string {
  const other = lab.nodes.find((node) => node.name !== name);
  if (other === undefined) throw new Error(`${name} is alone`);
  return other.name;
}

/** Asks once over DNS over TLS as a strict client does. */
export function askOverTls(client: LabClient, server: string, name: string) {
  return client.query(name, "A", { server, transport: "dot", tlsName: TLS_NAME });
}
