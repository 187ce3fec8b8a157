import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TerraformStack } from "cdktf";
// The hook by which cdktf writes its own assets: nothing else runs once per synthesis, after all validations have passed.
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer.js";
import type { IConstruct } from "constructs";

/**
 * Writes files into the output folder of the construct's stack, beside its Terraform configuration, at each synthesis.
 * Called once for a construct.
 *
 * @param files - the texts by path in that folder
 * @param stale - the paths in it that are removed before
 */
export function writeAtSynthesis(
  construct: IConstruct,
  files: () => Readonly<Record<string, string>>,
  stale: (folder: string) => readonly string[] = () => [],
): void {
  addCustomSynthesis(construct, {
    onSynthesize: ({ outdir, manifest }) => {
      const folder = join(outdir, manifest.forStack(TerraformStack.of(construct)).workingDirectory);
      for (const path of stale(folder)) rmSync(join(folder, path), { recursive: true, force: true });
      for (const [name, text] of Object.entries(files())) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
    },
  });
}
