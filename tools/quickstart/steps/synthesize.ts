import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodesOf } from "../../../lib/testing/index.js";
import { command } from "../../../lib/testing/lab/command.js";
import type { Synthesis } from "../report.js";
import { fromProduction } from "../stack.js";

interface TerraformJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
}

interface Resource {
  readonly upload?: readonly { readonly file?: string; readonly content?: string }[];
}

const BUNDLE = "/bundle/";

/** Synthesizes examples/production with cdktf's command line, and compares its files with what the model compiles to. */
export async function synthesize(): Promise<Synthesis> {
  const output = mkdtempSync(join(tmpdir(), "dns-lb-synth-"));
  try {
    const offline = { CHECKPOINT_DISABLE: "1", CI: "1", TF_CLI_CONFIG_FILE: "", CDKTF_HOME: join(output, "home") };
    await command([join("node_modules", ".bin", "cdktf"), "synth", "--output", join(output, "out")], { env: offline });
    const folder = join(output, "out", "stacks");
    const stacks = readdirSync(folder).sort();
    const written = new Map(stacks.map((stack) => [stack, read(join(folder, stack, "cdk.tf.json"))]));
    const nodes = fromProduction(nodesOf);
    const wanted = nodes.flatMap(({ name, files }) => [...files].map(([path, content]) => ({ name, path, content })));
    const differing = wanted.filter(({ name, path, content }) => uploads(written.get(name)).get(path) !== content);
    return {
      stacks,
      resources: [...written.values()].reduce((sum, json) => sum + resourcesOf(json).length, 0),
      files: wanted.length,
      differing: differing.map(({ name, path }) => `${name}: ${path}`),
    };
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** Shows what cdktf wrote. */
export function showSynthesis({ stacks, resources, files, differing }: Synthesis): string {
  const same = differing.length === 0 ? "all as the model that runs gives them" : `other than: ${differing.join(", ")}`;
  return `${stacks.length} stacks (${stacks.join(", ")}), ${resources} resources, ${files} rendered files, ${same}`;
}

function read(file: string): TerraformJson {
  return JSON.parse(readFileSync(file, "utf8")) as TerraformJson;
}

function resourcesOf(json: TerraformJson | undefined): Resource[] {
  return Object.values(json?.resource ?? {}).flatMap((byName) => Object.values(byName));
}

/** The rendered files of a node, by path, as Terraform hands them over: `$${` and `%%{` stand for `${` and `%{`. */
function uploads(json: TerraformJson | undefined): Map<string, string> {
  const found = resourcesOf(json).flatMap(({ upload = [] }) => upload);
  return new Map(
    found.flatMap(({ file, content }) =>
      file?.startsWith(BUNDLE) && content !== undefined
        ? [[file.slice(BUNDLE.length), content.replace(/([$%])\1\{/g, "$1{")] as const]
        : [],
    ),
  );
}
