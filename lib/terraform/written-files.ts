import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TerraformStack } from "cdktf";
// The hook by which cdktf writes its own assets: nothing else runs once per synthesis, after all validations have passed.
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer.js";
import type { IConstruct } from "constructs";

/** The output folder of a stack of the app. */
export type StackFolders = (stack: TerraformStack) => string;

/**
 * Writes files into the output folder of the construct's stack, beside its Terraform configuration, at each synthesis.
 * Called once for a construct.
 *
 * @param files - gives the texts by path in that folder; may first remove what an earlier synthesis has left
 */
export function writeAtSynthesis(
  construct: IConstruct,
  files: (folderOf: StackFolders) => Readonly<Record<string, string>>,
): void {
  addCustomSynthesis(construct, {
    onSynthesize: ({ outdir, manifest }) => {
      const own = join(outdir, manifest.forStack(TerraformStack.of(construct)).workingDirectory);
      // cdktf has the folders side by side. It must not be asked for those of stacks whose turn comes later: it would note
      // what they depend on too early.
      const folderOf: StackFolders = ({ node: { id } }) => join(dirname(own), id);
      for (const [name, text] of Object.entries(files(folderOf))) {
        mkdirSync(dirname(join(own, name)), { recursive: true });
        writeFileSync(join(own, name), text);
      }
    },
  });
}
