import { INSTALLATION } from "../core/installation.js";
import type { Frontend } from "../model/frontend.js";
import { type LoadBalancer, poolsOf } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { DaemonVersions, PlatformProfile } from "../model/platform-profile.js";
import type { Pool } from "../model/pool.js";
import type { Route } from "../model/route.js";

/*
 * The model of a load balancer as a file, by which two syntheses are compared.
 */

/** The number of the form of records; another one cannot be compared. */
export const RECORD_SCHEMA = 1;

/** A load balancer without secrets. Pools stand in it once, and are named elsewhere. */
export interface LoadBalancerRecord extends Omit<LoadBalancer, "nodes" | "frontends"> {
  readonly schema: typeof RECORD_SCHEMA;
  /** The version of the library that wrote it. */
  readonly version: string;
  readonly nodes: readonly NodeRecord[];
  readonly frontends: readonly FrontendRecord[];
  readonly pools: readonly PoolRecord[];
}

/** A node, and what runs it. */
export interface NodeRecord extends NodeDescription {
  readonly platform?: PlatformProfile["name"];
  readonly versions?: DaemonVersions;
}

/** A frontend that names its pools. */
export interface FrontendRecord extends Omit<Frontend, "pool" | "routes"> {
  readonly pool: string;
  readonly routes?: readonly RouteRecord[];
}

/** A route that names its pool. */
export interface RouteRecord extends Omit<Route, "pool"> {
  readonly pool: string;
}

/** A pool that names its fallback. */
export interface PoolRecord extends Omit<Pool, "fallback"> {
  readonly fallback?: string;
}

/** The record of a load balancer. */
export function recordOf(loadBalancer: LoadBalancer, specs: readonly NodeSpec[]): LoadBalancerRecord {
  const { nodes, frontends, ...rest } = loadBalancer;
  return {
    schema: RECORD_SCHEMA,
    version: INSTALLATION.version,
    ...rest,
    nodes: nodes.map((node) => nodeRecord(node, specs)),
    frontends: frontends.map(frontendRecord),
    pools: poolsOf(loadBalancer).map(poolRecord),
  };
}

/** The record as a file. Values of secrets, which are tokens of Terraform, are left out. */
export function recordFile(record: LoadBalancerRecord): string {
  return `${JSON.stringify(record, withoutValues, 2)}\n`;
}

function nodeRecord(node: NodeDescription, specs: readonly NodeSpec[]): NodeRecord {
  const profile = specs.find((spec) => spec.node === node.name)?.profile;
  return profile === undefined ? node : { ...node, platform: profile.name, versions: profile.versions };
}

function frontendRecord({ pool, routes, ...rest }: Frontend): FrontendRecord {
  const named = routes?.map((route) => ({ ...route, pool: route.pool.name }));
  return { ...rest, pool: pool.name, ...(named === undefined ? {} : { routes: named }) };
}

function poolRecord({ fallback, ...rest }: Pool): PoolRecord {
  return fallback === undefined ? rest : { ...rest, fallback: fallback.name };
}

function withoutValues(this: unknown, key: string, value: unknown): unknown {
  const { kind } = this as { readonly kind?: unknown };
  return key === "value" && (kind === "variable" || kind === "ephemeral") ? undefined : value;
}
