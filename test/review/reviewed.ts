import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { IConstruct } from "constructs";
import { AccessRule } from "../../lib/dns/access-rule.js";
import { AuthoritativePool } from "../../lib/dns/authoritative-pool.js";
import { DnsFrontend } from "../../lib/dns/dns-frontend.js";
import { RateLimit } from "../../lib/dns/rate-limit.js";
import { ResolverPool } from "../../lib/dns/resolver-pool.js";
import { Route } from "../../lib/dns/route.js";
import { HaPair } from "../../lib/ha/ha-pair.js";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import type { NodeSpec } from "../../lib/model/node-spec.js";
import { loadBalancerBindingsOf } from "../../lib/testing/load-balancers-of.js";
import { FakeNode, newApp, newStack, scratch } from "../constructs.js";
import { build, type Surroundings } from "../fuzz/build.js";
import { EVERYTHING } from "../fuzz/everything.js";
import { writeFiles } from "../fuzz/files.js";
import { appOf, examples } from "../golden/example.js";

/** A load balancer, as a review gets it. */
export interface Reviewed {
  readonly name: string;
  readonly loadBalancer: LoadBalancer;
  readonly specs: readonly NodeSpec[];
}

/** The load balancers of an app or a stack. */
export function reviewedIn(scope: IConstruct, name: string): readonly Reviewed[] {
  return loadBalancerBindingsOf(scope).map((binding) => {
    const loadBalancer = binding.model();
    return { name, loadBalancer, specs: loadBalancer.nodes.flatMap((node) => binding.specOf(node) ?? []) };
  });
}

/** Those of the examples. */
export async function reviewedExamples(): Promise<readonly Reviewed[]> {
  const found: Reviewed[] = [];
  for (const example of examples) {
    found.push(...reviewedIn(await appOf(example, join(scratch, `review-${example}`)), example));
  }
  return found;
}

/** What the apps are built with that give every property of the API; the password is `made-up`. */
export function surroundingsIn(name: string): Surroundings {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  return { outdir: join(folder, "out"), fileOf: writeFiles(folder) };
}

/** Those of the apps that give every property of the API. */
export function reviewedEverything(): readonly Reviewed[] {
  const surroundings = surroundingsIn("review-everything");
  return Object.entries(EVERYTHING).flatMap(([name, plan]) => reviewedIn(build(plan, surroundings), name));
}

const several = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

/** A pair with so many frontends, before ten pools with a tenth of the servers each. */
export function manyFrontends(frontends: number, servers: number): Reviewed {
  const stack = newStack("big", newApp());
  const virtualAddresses = several(20, (at) => ({ address: `10.0.1.${at + 1}` }));
  const nodes = [1, 2].map(
    (at) => new FakeNode(stack, `Lb${at}`, [`10.0.0.${at}`], "10.0.0.0/16", { memory: 2 ** 36 }),
  );
  const loadBalancer = new HaPair(stack, "Dns", {
    nodes: nodes as [FakeNode, FakeNode],
    virtualAddresses,
    virtualRouterId: 5,
    outstandingQueries: 1_000,
  });
  const last = new ResolverPool(stack, "LastResort", { servers: [{ name: "quad9", address: "9.9.9.9" }] });
  const membersOf = (pool: number) =>
    several(servers / 10, (at) => ({ name: `server${pool}-${at}`, address: `10.${10 + pool}.${at >> 8}.${at & 255}` }));
  const pools = several(10, (at) =>
    at % 3 === 2
      ? new AuthoritativePool(stack, `Zones${at}`, {
          zones: [`zone${at}.example`, "example.com"],
          servers: membersOf(at),
        })
      : new ResolverPool(stack, `Pool${at}`, { servers: membersOf(at), fallback: last }),
  );
  for (let at = 0; at < frontends; at += 1) {
    const policies = [
      {},
      {
        tcpPath: "inspected" as const,
        rateLimit: RateLimit.perClient({ queries: "100/s", connections: "30/10s", concurrentConnections: 20 }),
      },
      {
        tcpPath: "inspected" as const,
        routes: [Route.toPool(pools[(at + 1) % 2] as ResolverPool, { names: ["corp.example.com"] })],
        accessRules: [AccessRule.refuse({ names: ["ads.example"] })],
      },
    ][at % 3];
    new DnsFrontend(stack, `Front${at}`, {
      loadBalancer,
      address: virtualAddresses[at % 20]?.address ?? "",
      port: 5_300 + Math.floor(at / 20),
      pool: pools[(at * 7) % 10] as ResolverPool,
      allowFrom: [`10.${at % 4}.0.0/16`, "192.168.0.0/16"],
      ...policies,
    });
  }
  const [found] = reviewedIn(stack, `${frontends} frontends, ${servers} servers`);
  if (found === undefined) throw new RangeError("no load balancer");
  return found;
}
