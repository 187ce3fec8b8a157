import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stack } from "./stacks.js";

/** A call tree with samples, as V8 writes it with `--cpu-prof`. */
export interface CpuProfile {
  readonly nodes: readonly CallNode[];
  /** The id of the function that was running, for each sample. */
  readonly samples: readonly number[];
  /** Microseconds from the sample before. */
  readonly timeDeltas: readonly number[];
}

interface CallNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

const CLONE = join(__dirname, "..", "..");

/* What V8 says of time in which no function runs. */
const PSEUDO = ["(root)", "(idle)"];

/**
 * Counts microseconds by stack. Functions of Node itself that call other ones are left out: a module that is loaded stands
 * right below the one that asks for it.
 */
export function stacksOfProfile({ nodes, samples, timeDeltas }: CpuProfile): Stack[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const times = new Map<number, number>();
  for (const [at, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + (timeDeltas[at] ?? 0));
  const counts = new Map<string, Stack>();
  for (const [id, time] of times) {
    const path: CallNode[] = [];
    for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) {
      const node = byId.get(at);
      if (node !== undefined) path.unshift(node);
    }
    const frames = path.filter((node, at) => at === path.length - 1 || !isOfNode(node)).map(nameOf);
    if (PSEUDO.includes(frames.at(-1) ?? "")) continue;
    const key = frames.join(";");
    counts.set(key, { frames, count: (counts.get(key)?.count ?? 0) + time });
  }
  return [...counts.values()];
}

function isOfNode({ callFrame: { url } }: CallNode): boolean {
  return url === "" || url.startsWith("node:");
}

/** The function and its file in a package. */
function nameOf({ callFrame: { functionName, url, lineNumber } }: CallNode): string {
  if (url === "") return functionName;
  // The whole of a module is a function, too.
  const name = functionName || (lineNumber === 0 ? "module" : "anonymous");
  if (url.startsWith("node:")) return `${name} (node)`;
  return `${name} (${fileOf(url)})`;
}

/** A file by its path in its package, in the built library or in this clone: a picture tells no path of the machine. */
function fileOf(url: string): string {
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  const [, packaged] = /\/(?:dist|node_modules(?!.*\/node_modules\/))\/(.*)$/.exec(path) ?? [];
  if (packaged !== undefined) return packaged;
  const own = relative(CLONE, path);
  return own.startsWith("..") ? basename(path) : own;
}
