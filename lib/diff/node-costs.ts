import { isDeepStrictEqual } from "node:util";
import type { Service } from "../model/manifest.js";
import type { LoadBalancerRecord } from "../review/index.js";
import { code, codes } from "./markdown.js";
import type { ReviewedNode } from "./synthesis.js";

/*
 * What a change does to the daemons of nodes, and what that costs. docs/changes.md tells what was measured.
 */

/** What a change does to the nodes of a load balancer or a server. */
export interface NodeCosts {
  /** Daemons that restart or end. */
  readonly restarts: readonly string[];
  /** Daemons that begin on nodes that had others before. */
  readonly starts: readonly string[];
  /** The files that are others. */
  readonly files: readonly string[];
  /** Nodes that do not get the change now. */
  readonly waiting: readonly string[];
}

type Nodes = ReadonlyMap<string, ReviewedNode>;

/** What a restart costs, and the nodes that are out of service. */
export interface Circumstances {
  readonly cost: string;
  readonly away: readonly string[];
}

/** Compares what nodes get. */
export function nodeCosts(before: Nodes, after: Nodes, { cost, away }: Circumstances): NodeCosts {
  const [restarts, starts, files] = [new Alike(), new Alike(), new Alike()];
  const waiting: string[] = [];
  for (const [name, now] of after) {
    const old = before.get(name);
    if (old === undefined) continue;
    const changed = changedFiles(old, now);
    if (away.includes(name)) {
      if (changed.length > 0 || !isDeepStrictEqual(old.manifest, now.manifest)) waiting.push(name);
      continue;
    }
    for (const { service, reasons } of restartsOf(old, now)) {
      const because = `${code(service)} restarts, because of ${codes(reasons)}`;
      restarts.add(name, (nodes) => `${because}, on ${nodes}: ${cost}`);
    }
    for (const service of missing(old, now)) restarts.add(name, (nodes) => `${code(service)} ends, on ${nodes}`);
    for (const service of missing(now, old)) starts.add(name, (nodes) => `${code(service)}, on ${nodes}`);
    if (changed.length > 0) files.add(name, (nodes) => `${codes(changed)} on ${nodes}`);
  }
  return {
    ...{ restarts: restarts.lines(), starts: starts.lines(), files: files.lines() },
    waiting: waiting.map((name) => `${code(name)}, which is out of service, gets the change when it is back`),
  };
}

/** Sentences that are the same for several nodes. */
class Alike {
  private readonly found = new Map<
    string,
    { readonly sentence: (nodes: string) => string; readonly nodes: string[] }
  >();

  add(node: string, sentence: (nodes: string) => string): void {
    const key = sentence("");
    const known = this.found.get(key) ?? { sentence, nodes: [] };
    known.nodes.push(node);
    this.found.set(key, known);
  }

  lines(): readonly string[] {
    return [...this.found.values()].map(({ sentence, nodes }) => sentence(codes(nodes)));
  }
}

/** The services that one node has and the other has not. */
function missing({ manifest: { services } }: ReviewedNode, other: ReviewedNode): readonly string[] {
  const others = other.manifest.services.map(({ name }) => name);
  return services.map(({ name }) => name).filter((name) => !others.includes(name));
}

function restartsOf(old: ReviewedNode, now: ReviewedNode) {
  return now.manifest.services.flatMap((service) => {
    const before = old.manifest.services.find(({ name }) => name === service.name);
    const reasons = before === undefined ? [] : restartReasons(before, service, changedFiles(old, now));
    return reasons.length === 0 ? [] : [{ service: service.name, reasons }];
  });
}

/** Why the agent restarts a service: what it reads at its start alone differs. */
function restartReasons(before: Service, now: Service, changed: readonly string[]): readonly string[] {
  const [old, paths] = [before, now].map(({ restartOn }) => [...restartOn].sort());
  return [
    ...(before.user === now.user ? [] : ["its user"]),
    ...(isDeepStrictEqual(before.command, now.command) ? [] : ["its command"]),
    ...(before.startSettings === now.startSettings ? [] : ["settings of its start"]),
    ...(isDeepStrictEqual(old, paths) ? [] : ["the files that it reads at its start"]),
    ...(paths ?? []).filter((path) => changed.includes(path)),
  ];
}

function changedFiles(old: ReviewedNode, now: ReviewedNode): readonly string[] {
  return [...new Set([...old.files.keys(), ...now.files.keys()])]
    .filter((path) => path !== "manifest.json" && old.files.get(path) !== now.files.get(path))
    .sort();
}

/** The nodes of a load balancer that are out of service. */
export function awayNodes({ nodes }: LoadBalancerRecord): readonly string[] {
  return nodes.flatMap(({ name, outOfService }) => (outOfService === true ? [name] : []));
}

/** Whether another node can have the addresses of one that restarts. */
export function canMove(record: LoadBalancerRecord): boolean {
  return record.mobility.kind !== "fixed" && record.nodes.length - awayNodes(record).length > 1;
}

/** What a restart on a node of a load balancer costs. */
export function costOfRestart(before: LoadBalancerRecord, after: LoadBalancerRecord): string {
  // What moves the addresses is only about to start where it is another one.
  return before.mobility.kind === after.mobility.kind && canMove(after)
    ? "one node after the other is drained for it, a planned move each"
    : "**no other node serves meanwhile**, which takes seconds";
}

/** What a restart of a server costs. */
export const COST_OF_SERVER = "what is under way to it, and what goes there until its probes tell";
