// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Lazy, TerraformLocal, TerraformStack, Testing } from "cdktf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { templateText } from "../../../lib/terraform/template-text.js";

const missing = spawnSync("terraform", ["version"]).status !== 0;
const testWithTerraform = test.skipIf(missing && process.env["CI"] === undefined);

/** Sends texts through cdktf and Terraform, and gives what comes out. */
function readBack(texts: readonly string[]): unknown {
  const directory = mkdtempSync(join(tmpdir(), "dns-lb-tf-"));
  const stack = new TerraformStack(new App({ outdir: directory }), "s");
  new TerraformLocal(stack, "texts", Lazy.anyValue({ produce: () => texts.map((text) => ({ content: text })) }));
  try {
    writeFileSync(join(directory, "main.tf.json"), Testing.synth(stack, true));
    const { stdout, stderr } = spawnSync("terraform", ["console"], {
      cwd: directory,
      input: "jsonencode([for text in local.texts : base64encode(text.content)])\n",
      encoding: "utf8",
      env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: undefined },
    });
    if (!stdout.startsWith('"')) return stdout + stderr;
    return JSON.parse(JSON.parse(stdout)).map((text: string) => Buffer.from(text, "base64").toString("utf8"));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const WORDS = ["$", "%", "{", "}", "$$", "%%", "${", "%{", "~", '"', "\\", "\n", "\t", "é", "if", " "];
const ODD = [
  "${a}",
  "$${a}",
  "$$${a}",
  "%{if x}",
  "%%{a}",
  "$%{a}",
  "%${a}",
  "a$",
  "${",
  "\\${a}",
  "${~ a ~}",
  "</x>&'",
];

testWithTerraform("Terraform reads back what was meant, byte for byte", () => {
  const made = fc.sample(fc.array(fc.constantFrom(...WORDS), { maxLength: 16 }), { numRuns: 400, seed: 53 });
  const texts = [...ODD, ...made.map((words) => words.join(""))];
  expect(readBack(texts.map(templateText))).toEqual(texts);
});

testWithTerraform("fails when text is handed to Terraform as it is", () => {
  expect(readBack(["%{+Q}r"])).toContain("Invalid template directive");
});
