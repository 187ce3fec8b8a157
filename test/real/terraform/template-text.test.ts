// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Fn, Lazy, TerraformLocal, TerraformStack, Testing } from "cdktf";
import fc from "fast-check";
import { afterAll, expect } from "vitest";
import { argumentText, templateText } from "../../../lib/terraform/template-text.js";
import { readBack, testWithTerraform } from "./console.js";

const scratch = mkdtempSync(join(tmpdir(), "dns-lb-tf-app-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Sends texts through cdktf and Terraform, and gives what comes out. */
function sent(texts: readonly string[]): unknown {
  const stack = new TerraformStack(new App({ outdir: scratch }), "s");
  new TerraformLocal(stack, "texts", Lazy.anyValue({ produce: () => texts.map((text) => ({ content: text })) }));
  return readBack(Testing.synth(stack, true));
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
  expect(sent(texts.map(templateText))).toEqual(texts);
});

testWithTerraform("Terraform's functions get paths as they are written", () => {
  const made = fc.sample(fc.array(fc.constantFrom(...WORDS), { maxLength: 16 }), { numRuns: 200, seed: 53 });
  const paths = [
    "C:\\certs\\x.pem",
    "\\\\host\\share",
    "a%{b",
    "a%{ if x }",
    'a"b',
    ...ODD,
    ...made.map((words) => words.join("")),
  ];
  expect(sent(paths.map((path) => Fn.trimprefix(argumentText(path), "no prefix")))).toEqual(paths);
});

testWithTerraform("fails when a path is handed to a function by cdktf alone", () => {
  expect(sent([Fn.trimprefix(Fn.rawString("C:\\certs\\x.pem"), "no prefix")])).toContain("Invalid escape sequence");
  expect(sent([Fn.trimprefix(Fn.rawString("a%{b"), "no prefix")])).toContain("Error");
});

testWithTerraform("fails when text is handed to Terraform as it is", () => {
  expect(sent(["%{+Q}r"])).toContain("Invalid template directive");
});
