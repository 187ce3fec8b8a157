import { isAbsolute, join, relative, resolve } from "node:path";
import { App, Manifest, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";

/**
 * The path for Terraform of a file on the machine that runs the deployment. A path inside the app's working directory
 * becomes relative to the stack's output directory, so that the same app gives the same bytes on every machine.
 */
export function deployPath(scope: IConstruct, path: string): string {
  const file = resolve(path);
  // Manifest.forStack() would give this path, but then miss dependencies between stacks that are added later.
  const from = resolve(join(App.of(scope).outdir, Manifest.stacksFolder, TerraformStack.of(scope).node.id));
  const outside = relative(process.cwd(), from);
  const isRelocatable = !isAbsolute(path) && !outside.startsWith("..") && !isAbsolute(outside);
  return isRelocatable ? relative(from, file) : file;
}
