import { join } from "node:path";

/** The file with what the apps of the bench synthesize. */
export function stackFile(outdir: string): string {
  return join(outdir, "stacks", "dns", "cdk.tf.json");
}
