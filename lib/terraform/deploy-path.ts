import { isAbsolute, join, relative, resolve } from "node:path";
import { App, Manifest, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";

/**
 * How Terraform reaches a file of the machine that runs the deployment. A path inside the app's working directory is
 * given relative to the stack's output directory, so that the same app gives the same bytes on every machine.
 */
export function deployPath(scope: IConstruct, path: string): string {
  const file = resolve(path);
  // The manifest itself would tell, and forget the stacks that this one is made to depend on later.
  const from = resolve(join(App.of(scope).outdir, Manifest.stacksFolder, TerraformStack.of(scope).node.id));
  const outside = relative(process.cwd(), from);
  const movable = !isAbsolute(path) && !outside.startsWith("..") && !isAbsolute(outside);
  return movable ? relative(from, file) : file;
}
