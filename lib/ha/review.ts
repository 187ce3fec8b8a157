import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { daemonName } from "../core/names.js";
import type { LoadBalancerBinding } from "../dns/load-balancer.js";
import { REVIEW_FOLDER, reviewFiles } from "../review/index.js";
import { isOfKind } from "../terraform/brand.js";
import { show } from "../terraform/schema.js";
import { ValidationError } from "../terraform/validation-error.js";
import { writeAtSynthesis } from "../terraform/written-files.js";

/** The value of the app's context that says whether reviews are written. */
export const REVIEW_CONTEXT = "cdktf-dns-lb:review";

/**
 * Writes what people review into the output folder of the load balancer's stack, below `dns-lb/<load balancer>/`, at each
 * synthesis, unless the app's context says otherwise.
 */
export function writeReview(loadBalancer: IConstruct, binding: LoadBalancerBinding): void {
  const isWanted = wantsReview(loadBalancer);
  writeAtSynthesis(
    loadBalancer,
    () => {
      if (!isWanted) return {};
      const model = binding.model();
      const specs = model.nodes.flatMap((node) => binding.specOf(node) ?? []);
      // Without validations, as cdktf can be told, a model may be one that nothing can be compiled of.
      if (specs.length < model.nodes.length) return {};
      const folder = `${REVIEW_FOLDER}/${folderOf(loadBalancer)}`;
      return Object.fromEntries(
        Object.entries(reviewFiles(model, specs)).map(([path, text]) => [`${folder}/${path}`, text]),
      );
    },
    (stack) => staleFolders(stack, loadBalancer),
  );
}

function wantsReview(scope: IConstruct): boolean {
  const value: unknown = scope.node.tryGetContext(REVIEW_CONTEXT);
  if (value === undefined || typeof value === "boolean") return value !== false;
  const message = `must be true or false in the context of the app, got ${show(value)}`;
  throw new ValidationError([{ code: "DNSLB103", property: REVIEW_CONTEXT, message }], scope);
}

/** The folder of a load balancer, and those of load balancers that are not in the stack any more. */
function staleFolders(stack: string, loadBalancer: IConstruct): readonly string[] {
  const all = join(stack, REVIEW_FOLDER);
  if (!existsSync(all)) return [];
  const kept = [...foldersIn(TerraformStack.of(loadBalancer)).values()];
  return readdirSync(all)
    .filter((folder) => !kept.includes(folder) || folder === folderOf(loadBalancer))
    .map((folder) => `${REVIEW_FOLDER}/${folder}`);
}

function folderOf(loadBalancer: IConstruct): string {
  return foldersIn(TerraformStack.of(loadBalancer)).get(loadBalancer) ?? "";
}

/**
 * The folders of the load balancers of a stack: the names of their constructs, from the stack on. In the order of the stack,
 * because two constructs may have one name, but for characters that folders do not have.
 */
function foldersIn(stack: TerraformStack): ReadonlyMap<IConstruct, string> {
  const folders = new Map<IConstruct, string>();
  for (const construct of stack.node.findAll().filter((each) => isOfKind(each, "LoadBalancer"))) {
    const above = construct.node.scopes.filter((scope) => scope.node.scopes.includes(stack) && scope !== stack);
    const plain = above.map(({ node: { id } }) => daemonName(id)).join(".");
    const taken = [...folders.values()].filter((each) => each === plain || each.startsWith(`${plain}_`)).length;
    folders.set(construct, taken === 0 ? plain : `${plain}_${taken + 1}`);
  }
  return folders;
}
