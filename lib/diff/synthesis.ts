import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import type { Manifest } from "../model/manifest.js";
import {
  type LoadBalancerRecord,
  RECORD_SCHEMA,
  REVIEW_FILES,
  REVIEW_FOLDER,
  type ServerRecord,
} from "../review/index.js";
import { DiffError } from "./errors.js";
import { isHost, isLoader, type Resource, readResources } from "./resource.js";

/*
 * Reads what a synthesis wrote.
 */

/** What a synthesis wrote. */
export interface Synthesis {
  /** By stack and name: `dns/load-balancer`. */
  readonly loadBalancers: ReadonlyMap<string, Reviewed<LoadBalancerRecord>>;
  /** The servers that the app deploys, by stack and name. */
  readonly servers: ReadonlyMap<string, Reviewed<ServerRecord>>;
  /** Every resource of Terraform, by stack and address: `dns/docker_container.Node`. */
  readonly resources: ReadonlyMap<string, Resource>;
  /** The stacks without Terraform's JSON, whose resources are not known. */
  readonly unknown: readonly string[];
}

/** A load balancer or a server, and what its nodes get. */
export interface Reviewed<R extends LoadBalancerRecord | ServerRecord> {
  readonly record: R;
  /** By their names. */
  readonly nodes: ReadonlyMap<string, ReviewedNode>;
}

/** What a node gets. */
export interface ReviewedNode {
  readonly manifest: Manifest;
  /** The files of its release by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** Reads the output of a synthesis, such as `cdktf.out`. */
export function readSynthesis(folder: string): Synthesis {
  const stacks = join(folder, "stacks");
  if (!existsSync(stacks)) {
    throw new DiffError(`${folder} is no output of a synthesis: it has no folder "stacks"; give a cdktf.out`);
  }
  const names = readdirSync(stacks)
    .sort()
    .filter((name) => statSync(join(stacks, name)).isDirectory());
  const reviewed = names.flatMap((name) => reviewsOf(join(stacks, name), name));
  const known = names.filter((name) => existsSync(join(stacks, name, "cdk.tf.json")));
  const resources = new Map(known.flatMap((name) => readResources(readJson(join(stacks, name, "cdk.tf.json")), name)));
  if (reviewed.length === 0 && (known.length === 0 || [...resources.values()].some(isOfNode))) {
    throw new DiffError(
      `${folder} has no stack with a folder "${REVIEW_FOLDER}"; synthesize it with a version of cdktf-dns-lb that writes it, and without "cdktf-dns-lb:review": false in the context`,
    );
  }
  return {
    loadBalancers: new Map(reviewed.flatMap(([name, each]) => (isLoadBalancer(each) ? [[name, each] as const] : []))),
    servers: new Map(reviewed.flatMap(([name, each]) => (isLoadBalancer(each) ? [] : [[name, each] as const]))),
    resources,
    unknown: names.filter((name) => !known.includes(name)),
  };
}

type AnyReviewed = Reviewed<LoadBalancerRecord> | Reviewed<ServerRecord>;

function isLoadBalancer(reviewed: AnyReviewed): reviewed is Reviewed<LoadBalancerRecord> {
  return reviewed.record.kind === "load-balancer";
}

/** Whether a resource is there for a node, so that there must be reviews. */
function isOfNode(resource: Resource): boolean {
  return isLoader(resource) || isHost(resource);
}

function reviewsOf(stack: string, stackName: string): (readonly [string, AnyReviewed])[] {
  const all = join(stack, REVIEW_FOLDER);
  if (!existsSync(all)) return [];
  return readdirSync(all)
    .sort()
    .filter((name) => existsSync(join(all, name, REVIEW_FILES.record)))
    .map((name) => [`${stackName}/${name}`, readReviewed(join(all, name))] as const);
}

function readReviewed(folder: string): AnyReviewed {
  const file = join(folder, REVIEW_FILES.record);
  const record = readJson<LoadBalancerRecord | ServerRecord>(file);
  if (record.schema !== RECORD_SCHEMA) {
    throw new DiffError(
      `${file} has the form ${JSON.stringify(record.schema)}, and this version compares ${RECORD_SCHEMA}; synthesize both with one version of cdktf-dns-lb`,
    );
  }
  const nodes = join(folder, REVIEW_FILES.nodes);
  const read = existsSync(nodes)
    ? readdirSync(nodes)
        .sort()
        .map((name) => readNode(join(nodes, name)))
    : [];
  // Not by their folders, whose names may be others where file systems want it.
  return { record, nodes: new Map(read.map((node) => [node.manifest.node, node])) } as AnyReviewed;
}

function readNode(folder: string): ReviewedNode {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  const files = new Map(
    paths.sort().map((path) => [path.split(sep).join("/"), readFileSync(join(folder, path), "utf8")]),
  );
  return { manifest: readJson<Manifest>(join(folder, "manifest.json")), files };
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
