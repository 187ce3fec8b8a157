import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { fileNames } from "../core/file-names.js";
import { daemonName } from "../core/names.js";
import { isOfKind } from "./brand.js";
import { show } from "./schema.js";
import { ValidationError } from "./validation-error.js";
import { type StackFolders, writeAtSynthesis } from "./written-files.js";

/** The value of the app's context that says whether reviews are written. */
export const REVIEW_CONTEXT = "cdktf-dns-lb:review";

/** What is reviewed: what runs on nodes. */
const WORKLOADS = ["LoadBalancer", "NsdServer", "UnboundServer"] as const;

/**
 * Writes what people review of a load balancer or a server into a folder of its own, below the folder `name` in the output
 * folder of its stack, at each synthesis, unless the app's context says otherwise. The folder `name` belongs to syntheses as
 * a whole, in each stack of the app: what an earlier one has left in it is removed.
 */
export function writeReview(
  workload: IConstruct,
  name: string,
  files: () => Readonly<Record<string, string>> | undefined,
): void {
  // A wrong value is refused where the workload is made.
  wantsReview(workload);
  writeAtSynthesis(workload, (folderOf) => {
    const reviewed = reviewedIn(workload);
    // Once in a synthesis is enough: the folders follow from the constructs, whatever is written already.
    if (reviewed.workloads[0] === workload) removeStale(reviewed, name, folderOf);
    const own = reviewed.folders.get(workload);
    if (own === undefined) return {};
    rmSync(join(folderOf(TerraformStack.of(workload)), name, own), { recursive: true, force: true });
    return Object.fromEntries(Object.entries(files() ?? {}).map(([path, text]) => [`${name}/${own}/${path}`, text]));
  });
}

function wantsReview(scope: IConstruct): boolean {
  const value: unknown = scope.node.tryGetContext(REVIEW_CONTEXT);
  if (value === undefined || typeof value === "boolean") return value !== false;
  const message = `must be true or false in the context of the app, got ${show(value)}`;
  throw new ValidationError([{ code: "DNSLB103", property: REVIEW_CONTEXT, message }], scope);
}

/** Removes the folders that are nobody's any more. */
function removeStale({ stacks, folders }: Reviewed, name: string, folderOf: StackFolders): void {
  for (const stack of stacks) {
    const all = join(folderOf(stack), name);
    if (!existsSync(all)) continue;
    const kept = new Set([...folders].flatMap(([each, folder]) => (TerraformStack.of(each) === stack ? [folder] : [])));
    for (const folder of readdirSync(all)) if (!kept.has(folder)) rmSync(join(all, folder), { recursive: true });
    if (kept.size === 0) rmSync(all, { recursive: true });
  }
}

/** What an app has that is reviewed. */
interface Reviewed {
  readonly stacks: readonly TerraformStack[];
  readonly workloads: readonly IConstruct[];
  /** The folders of those whose reviews are wanted. */
  readonly folders: ReadonlyMap<IConstruct, string>;
}

function reviewedIn(scope: IConstruct): Reviewed {
  const all = scope.node.root.node.findAll();
  const stacks = all.filter(TerraformStack.isStack);
  const workloads = all.filter((each) => isOfKind(each, ...WORKLOADS));
  const folders = stacks.flatMap((stack) => {
    const wanted = workloads.filter((each) => TerraformStack.of(each) === stack && wantsReview(each));
    const names = fileNames(wanted.map((each) => nameBelow(stack, each)));
    return wanted.map((each, index) => [each, names[index] ?? ""] as const);
  });
  return { stacks, workloads, folders: new Map(folders) };
}

/** The names of a construct and of those above it, from the stack on. */
function nameBelow(stack: TerraformStack, construct: IConstruct): string {
  const { scopes } = construct.node;
  const names = scopes.slice(scopes.indexOf(stack) + 1).map(({ node: { id } }) => daemonName(id));
  return names.filter((name) => name !== "").join(".");
}
