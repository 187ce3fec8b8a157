import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Manifest } from "../model/manifest.js";
import { type LoadBalancerRecord, RECORD_SCHEMA, REVIEW_FILES, REVIEW_FOLDER } from "../review/index.js";
import { DiffError } from "./errors.js";

/*
 * Reads what a synthesis wrote.
 */

/** What a synthesis wrote. */
export interface Synthesis {
  /** By stack and name: `dns/load-balancer`. */
  readonly loadBalancers: ReadonlyMap<string, ReviewedLoadBalancer>;
  /** Every resource of Terraform, by stack and address: `dns/docker_container.Node`. */
  readonly resources: ReadonlyMap<string, Resource>;
}

/** A load balancer, and what its nodes get. */
export interface ReviewedLoadBalancer {
  readonly record: LoadBalancerRecord;
  readonly nodes: ReadonlyMap<string, ReviewedNode>;
}

/** What a node gets. */
export interface ReviewedNode {
  readonly manifest: Manifest;
  /** The files of its release by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** A resource as Terraform gets it. */
export interface Resource {
  readonly type: string;
  /** The path of its construct. */
  readonly path: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Reads the output of a synthesis, such as `cdktf.out`. */
export function readSynthesis(folder: string): Synthesis {
  const stacks = join(folder, "stacks");
  if (!existsSync(stacks)) {
    throw new DiffError(`${folder} is no output of a synthesis: it has no folder "stacks"; give a cdktf.out`);
  }
  const names = readdirSync(stacks).filter((name) => statSync(join(stacks, name)).isDirectory());
  const balancers = names.flatMap((name) => loadBalancersOf(join(stacks, name), name));
  if (balancers.length === 0) {
    throw new DiffError(
      `${folder} has no stack with a folder "${REVIEW_FOLDER}"; synthesize it with a version of cdktf-dns-lb that writes it, and without "cdktf-dns-lb:review": false in the context`,
    );
  }
  return {
    loadBalancers: new Map(balancers),
    resources: new Map(names.flatMap((name) => resourcesOf(join(stacks, name), name))),
  };
}

function loadBalancersOf(stack: string, stackName: string): (readonly [string, ReviewedLoadBalancer])[] {
  const all = join(stack, REVIEW_FOLDER);
  if (!existsSync(all)) return [];
  return readdirSync(all)
    .sort()
    .filter((name) => existsSync(join(all, name, REVIEW_FILES.record)))
    .map((name) => [`${stackName}/${name}`, readLoadBalancer(join(all, name))] as const);
}

function readLoadBalancer(folder: string): ReviewedLoadBalancer {
  const file = join(folder, REVIEW_FILES.record);
  const record = readJson<LoadBalancerRecord>(file);
  if (record.schema !== RECORD_SCHEMA) {
    throw new DiffError(
      `${file} has the form ${JSON.stringify(record.schema)}, and this version compares ${RECORD_SCHEMA}; synthesize both with one version of cdktf-dns-lb`,
    );
  }
  const nodes = join(folder, REVIEW_FILES.nodes);
  const names = existsSync(nodes) ? readdirSync(nodes).sort() : [];
  return { record, nodes: new Map(names.map((name) => [name, readNode(join(nodes, name))])) };
}

function readNode(folder: string): ReviewedNode {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  const files = new Map(paths.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]));
  return { manifest: readJson<Manifest>(join(folder, "manifest.json")), files };
}

interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

function resourcesOf(stack: string, name: string): (readonly [string, Resource])[] {
  const file = join(stack, "cdk.tf.json");
  if (!existsSync(file)) return [];
  const { resource = {} } = readJson<StackJson>(file);
  return Object.entries(resource).flatMap(([type, byId]) =>
    Object.entries(byId).map(([id, { "//": comment, ...attributes }]) => {
      const { metadata } = (comment ?? {}) as { readonly metadata?: { readonly path?: string } };
      return [`${name}/${type}.${id}`, { type, path: metadata?.path ?? id, attributes }] as const;
    }),
  );
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (error) {
    const where = relative(dirname(dirname(file)), file);
    throw new DiffError(
      `${basename(file)} cannot be read (${where}): ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
