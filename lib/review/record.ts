import { INSTALLATION } from "../core/installation.js";
import type { DeployedServer } from "../model/deployed-server.js";
import type { Frontend } from "../model/frontend.js";
import { type LoadBalancer, poolsOf } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { DeployedNsdServer } from "../model/nsd.js";
import type { DaemonVersions, PlatformProfile } from "../model/platform-profile.js";
import type { Pool } from "../model/pool.js";
import type { Route } from "../model/route.js";
import type { DeployedUnboundServer } from "../model/unbound.js";

/*
 * The model of a load balancer or a server as a file, by which two syntheses are compared.
 */

/** The number of the form of records; another one cannot be compared. */
export const RECORD_SCHEMA = 1;

/** What stands in every record. */
interface RecordHead {
  readonly schema: typeof RECORD_SCHEMA;
  /** The version of the library that wrote it. */
  readonly version: string;
}

/** A load balancer without secrets. Pools stand in it once, and are named elsewhere. */
export interface LoadBalancerRecord extends RecordHead, Omit<LoadBalancer, "nodes" | "frontends"> {
  readonly kind: "load-balancer";
  readonly nodes: readonly NodeRecord[];
  readonly frontends: readonly FrontendRecord[];
  readonly pools: readonly PoolRecord[];
}

/** A server that the app deploys, without secrets, and without the records of its zones, which its files have. */
export type ServerRecord = RecordHead & (RecordOf<DeployedUnboundServer> | RecordOf<DeployedNsdServer>);

/** The properties of a server that say how it works. */
type RecordOf<T extends DeployedServer> = Omit<T, "node" | "localData" | "zones"> & {
  readonly node: NodeRecord;
  /** The names of the zones that it serves; absent on resolvers. */
  readonly zones?: readonly string[];
};

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

const HEAD: RecordHead = { schema: RECORD_SCHEMA, version: INSTALLATION.version };

/** The record of a load balancer. */
export function recordOf(loadBalancer: LoadBalancer, specs: readonly NodeSpec[]): LoadBalancerRecord {
  const { nodes, frontends, ...rest } = loadBalancer;
  return {
    ...HEAD,
    kind: "load-balancer",
    ...rest,
    nodes: nodes.map((node) => nodeRecord(node, specs)),
    frontends: frontends.map(frontendRecord),
    pools: poolsOf(loadBalancer).map(poolRecord),
  };
}

/** The record of a server. */
export function serverRecordOf(server: DeployedServer, spec: NodeSpec): ServerRecord {
  const node = nodeRecord(server.node, [spec]);
  if (server.kind === "unbound") {
    const { localData: _, ...rest } = server;
    return { ...HEAD, ...rest, node };
  }
  return { ...HEAD, ...server, node, zones: server.zones.map(({ name }) => name) };
}

/** The record as a file. Values of secrets, which are tokens of Terraform, are left out. */
export function recordFile(record: LoadBalancerRecord | ServerRecord): string {
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
