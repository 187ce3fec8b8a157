import { isDeepStrictEqual } from "node:util";
import type { Service } from "../model/manifest.js";
import type { LoadBalancerRecord } from "../review/index.js";
import { code, codes } from "./markdown.js";
import type { Resource, ReviewedLoadBalancer, ReviewedNode, Synthesis } from "./synthesis.js";

/*
 * What restarts, what is replaced, and what that costs. docs/changes.md tells what was measured.
 */

/** What a change does to the nodes of a load balancer. */
export interface NodeCosts {
  /** Daemons that restart. */
  readonly restarts: readonly string[];
  /** What is loaded without a restart. */
  readonly reloads: readonly string[];
}

/** Compares what the nodes of a load balancer get. */
export function nodeCosts(before: ReviewedLoadBalancer, after: ReviewedLoadBalancer): NodeCosts {
  const restarts = new Map<string, string[]>();
  const reloads = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, text: string, node: string) =>
    map.set(text, [...(map.get(text) ?? []), node]);
  for (const [name, now] of after.nodes) {
    const old = before.nodes.get(name);
    if (old === undefined) continue;
    for (const service of now.manifest.services) {
      const reasons = restartReasons(old, now, service);
      if (reasons === undefined) continue;
      if (reasons.length > 0) add(restarts, `${code(service.name)} restarts, because of ${codes(reasons)}`, name);
    }
    for (const { name: gone } of old.manifest.services) {
      if (!now.manifest.services.some((each) => each.name === gone)) add(restarts, `${code(gone)} ends`, name);
    }
    const changed = changedFiles(old, now);
    if (changed.length > 0) add(reloads, codes(changed), name);
  }
  const cost = costOfRestart(after.record);
  return {
    restarts: [...restarts].map(([text, nodes]) => `${text}, on ${codes(nodes)}: ${cost}`),
    reloads: [...reloads].map(([text, nodes]) => `${text} on ${codes(nodes)}`),
  };
}

/** Why the agent restarts a service: what it reads at its start alone differs. Undefined if the service is new. */
function restartReasons(old: ReviewedNode, now: ReviewedNode, service: Service): readonly string[] | undefined {
  const before = old.manifest.services.find(({ name }) => name === service.name);
  if (before === undefined) return undefined;
  const paths = [...service.restartOn].sort();
  return [
    ...(before.user === service.user ? [] : ["its user"]),
    ...(isDeepStrictEqual(before.command, service.command) ? [] : ["its command"]),
    ...(before.startSettings === service.startSettings ? [] : ["settings of its start"]),
    ...(isDeepStrictEqual([...before.restartOn].sort(), paths) ? [] : ["the files that it reads at its start"]),
    ...paths.filter((path) => old.files.get(path) !== now.files.get(path)),
  ];
}

function changedFiles(old: ReviewedNode, now: ReviewedNode): readonly string[] {
  return [...new Set([...old.files.keys(), ...now.files.keys()])]
    .filter((path) => path !== "manifest.json" && old.files.get(path) !== now.files.get(path))
    .sort();
}

function costOfRestart({ mobility, nodes }: LoadBalancerRecord): string {
  return canMove({ mobility, nodes })
    ? "one node after the other is drained for it, a planned move each"
    : "**no other node serves meanwhile**, which takes seconds";
}

function canMove({ mobility, nodes }: Pick<LoadBalancerRecord, "mobility" | "nodes">): boolean {
  return mobility.kind !== "fixed" && nodes.length > 1;
}

/** What Terraform makes anew, with what it costs. */
export function replacements(before: Synthesis, after: Synthesis): readonly string[] {
  const found = [...before.resources].flatMap(([address, old]) => {
    const now = after.resources.get(address);
    const reason = now === undefined ? undefined : replacementOf(old, now);
    return reason === undefined ? [] : [{ stack: address.split("/")[0] ?? "", resource: old, ...reason }];
  });
  const together = new Map<string, number>();
  for (const { stack, isNode } of found) if (isNode) together.set(stack, (together.get(stack) ?? 0) + 1);
  return found.map(({ stack, resource, text, isNode }) => {
    const others = (together.get(stack) ?? 0) - 1;
    const atOnce = isNode && others > 0 ? `; **${others} more of stack ${code(stack)} may be at the same time**` : "";
    return `${code(resource.path)}: ${text}${atOnce}`;
  });
}

/** What is there no more, or new: nodes and networks, by the paths of their constructs. */
export interface Places {
  readonly gone: readonly string[];
  readonly made: readonly string[];
}

/** Compares which nodes and networks there are. */
export function placesOf(before: Synthesis, after: Synthesis): Places {
  const only = (one: Synthesis, other: Synthesis) =>
    [...one.resources]
      .filter(([address, each]) => !other.resources.has(address) && isPlace(each))
      .map(([, { path }]) => code(path));
  return {
    gone: only(before, after).map((path) => `${path} is removed`),
    made: only(after, before).map((path) => `${path} is made`),
  };
}

function isPlace({ type, path }: Resource): boolean {
  return (type === "docker_container" && !isLoader(path)) || type === "docker_network" || isHost({ type, path });
}

function isLoader(path: string): boolean {
  return path.endsWith("/Loader/Resource");
}

function isHost({ type, path }: Pick<Resource, "type" | "path">): boolean {
  return type === "terraform_data" && path.endsWith("/Host/Resource");
}

/** What the provider changes in place, and what is no part of a container. */
const IN_PLACE: ReadonlySet<string> = new Set([
  ...[
    "memory",
    "memory_swap",
    "restart",
    "destroy_grace_seconds",
    "depends_on",
    "lifecycle",
    "must_run",
    "attach",
    "logs",
  ],
]);

function replacementOf(old: Resource, now: Resource): { readonly text: string; readonly isNode: boolean } | undefined {
  const changed = [...new Set([...Object.keys(old.attributes), ...Object.keys(now.attributes)])]
    .filter((name) => !IN_PLACE.has(name) && !isDeepStrictEqual(old.attributes[name], now.attributes[name]))
    .sort();
  if (changed.length === 0) return undefined;
  switch (old.type) {
    case "docker_container":
      if (isLoader(old.path)) return undefined;
      return {
        text: `the container is replaced, because of ${codes(changed)}: connections that stay are reset`,
        isNode: true,
      };
    case "docker_network":
      return {
        text: `the network is replaced, with the containers in it, because of ${codes(changed)}`,
        isNode: false,
      };
    case "docker_volume":
      return { text: `the volume is replaced, with what is in it, because of ${codes(changed)}`, isNode: false };
    default:
      return isHost(old) && changed.includes("triggers_replace")
        ? {
            text: "the host is made a node again: the agent is another, and daemons whose units changed restart, drained",
            isNode: true,
          }
        : undefined;
  }
}
