import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { addProductionStacks } from "../../examples/production/stacks.js";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import type { Pool } from "../../lib/model/pool.js";
import { LabSecret, type LabSecrets, loadBalancersOf } from "../../lib/testing/index.js";

/** The name that the certificate of DNS over TLS is for. */
export const TLS_NAME = "dns.example.com";

/** What the secret files of the production example are in the lab. */
export const SECRETS: LabSecrets = {
  "certs/dns.example.com.pem": LabSecret.certificate(TLS_NAME),
  "certs/ca.pem": LabSecret.authority(),
  "secrets/statistics-password": "only-for-the-lab",
};

/** Makes something of the app of examples/production, which needs a folder for as long. */
export function fromProduction<T>(make: (app: App) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), "dns-lb-app-"));
  try {
    const app = new App({ outdir });
    addProductionStacks(app);
    return make(app);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The load balancer of examples/production as plain data. */
export function productionModel(): LoadBalancer {
  const [loadBalancer] = fromProduction(loadBalancersOf);
  if (loadBalancer === undefined) throw new RangeError("examples/production has no load balancer");
  return loadBalancer;
}

/** The pool of a frontend. */
export function poolOf(model: LoadBalancer, frontend: string): Pool {
  const found = model.frontends.find(({ name }) => name === frontend);
  if (found === undefined) throw new RangeError(`examples/production has no frontend ${frontend}`);
  return found.pool;
}

/** A server that a list gains and one that it loses. */
export interface ListChange {
  readonly frontend: string;
  readonly adds: { readonly name: string; readonly address: string };
  readonly removes: string;
}

/** The model with changed lists of servers. */
export function withChanges(model: LoadBalancer, changes: readonly ListChange[]): LoadBalancer {
  const frontends = model.frontends.map((frontend) => {
    const change = changes.find((each) => each.frontend === frontend.name);
    if (change === undefined) return frontend;
    const kept = frontend.pool.servers.filter(({ name }) => name !== change.removes);
    const servers = [...kept, { ...change.adds, port: 53, weight: 1 }];
    return { ...frontend, pool: { ...frontend.pool, servers } };
  });
  return { ...model, frontends };
}
