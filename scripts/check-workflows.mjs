// What is below .github/: workflows by GitHub's own language service, and what it does not judge: that actions are pinned
// to commits, that permissions are narrow, and the form of issue templates and of dependabot.yml.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tsImport } from "tsx/esm/api";
import { TextDocument } from "vscode-languageserver-textdocument";
import { parseDocument } from "yaml";
import { z } from "zod";
import { repositoryFiles } from "./files.mjs";
import { Failure, root, runMain } from "./run.mjs";

const WORKFLOWS = ".github/workflows/";
const PINNED = /^\s*(?:- )?uses: (?:\.\/\S+|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d\S*)$/;
const ERROR = 1;

const Text = z.string().min(1);
const Field = z.strictObject({
  type: z.enum(["input", "textarea", "dropdown", "checkboxes"]),
  id: z.string().regex(/^[\w-]+$/),
  attributes: z.looseObject({ label: Text }),
  validations: z.strictObject({ required: z.boolean() }).optional(),
});
const Markdown = z.strictObject({ type: z.literal("markdown"), attributes: z.strictObject({ value: Text }) });
const IssueForm = z.strictObject({
  name: Text,
  description: Text,
  labels: z.array(Text).optional(),
  body: z.array(z.union([Markdown, Field])).min(1),
});
const IssueConfig = z.strictObject({
  blank_issues_enabled: z.boolean(),
  contact_links: z.array(z.strictObject({ name: Text, url: z.url(), about: Text })),
});
const Dependabot = z.strictObject({
  version: z.literal(2),
  updates: z.array(
    z.strictObject({
      "package-ecosystem": z.enum(["npm", "github-actions"]),
      directory: Text,
      schedule: z.strictObject({ interval: z.enum(["daily", "weekly", "monthly"]) }),
      groups: z.record(
        Text,
        z.strictObject({
          patterns: z.array(Text).optional(),
          "dependency-type": z.enum(["development", "production"]).optional(),
          "update-types": z.array(z.enum(["major", "minor", "patch"])).optional(),
        }),
      ),
      ignore: z.array(z.strictObject({ "dependency-name": Text, "update-types": z.array(Text).optional() })).optional(),
    }),
  ),
});

await runMain(async () => {
  const files = repositoryFiles().filter((file) => file.startsWith(".github/") && /\.ya?ml$/.test(file));
  const workflows = files.filter((file) => file.startsWith(WORKFLOWS));
  if (workflows.length === 0) throw new Failure(`no workflow found in ${WORKFLOWS}`);
  const problems = files.flatMap(form);
  // The language service imports JSON as bundlers do, and Node.js does not.
  const { validate } = await tsImport("@actions/languageservice", import.meta.url);
  for (const file of workflows) problems.push(...(await workflow(file, validate)));
  if (problems.length > 0) throw new Failure(problems.join("\n"));
});

/** @param {string} file @returns {string[]} */
function form(file) {
  const document = parseDocument(read(file));
  if (document.errors.length > 0) return document.errors.map(({ message }) => `${file}: ${message}`);
  const schema = schemaOf(file);
  if (schema === undefined) return [];
  const { error } = schema.safeParse(document.toJS());
  return (error?.issues ?? []).map(({ path, message }) => `${file}: ${path.join(".")}: ${message}`);
}

/** @param {string} file @returns {z.ZodType | undefined} */
function schemaOf(file) {
  if (file === ".github/dependabot.yml") return Dependabot;
  if (file === ".github/ISSUE_TEMPLATE/config.yml") return IssueConfig;
  if (file.startsWith(".github/ISSUE_TEMPLATE/")) return IssueForm;
  return undefined;
}

/**
 * @typedef {{ range: { start: { line: number } }, severity?: number, message: string }} Diagnostic
 * @param {string} file @param {(document: TextDocument) => Promise<Diagnostic[]>} validate @returns {Promise<string[]>}
 */
async function workflow(file, validate) {
  const text = read(file);
  const found = await validate(TextDocument.create(`file:///${file}`, "yaml", 0, text));
  const problems = found.map(({ range, severity, message }) => {
    const kind = severity === undefined || severity === ERROR ? "" : "warning: ";
    return `${file}:${range.start.line + 1}: ${kind}${message}`;
  });
  text.split("\n").forEach((line, index) => {
    if (/^\s*(?:- )?uses:/.test(line) && !PINNED.test(line)) {
      problems.push(`${file}:${index + 1}: must be "uses: owner/name@COMMIT # vVERSION", got "${line.trim()}"`);
    }
  });
  if (!/^permissions:\n {2}contents: read$/m.test(text)) {
    problems.push(`${file}: the workflow must begin with no more than "permissions: contents: read"`);
  }
  return problems;
}

/** @param {string} file */
function read(file) {
  return readFileSync(join(root, file), "utf8");
}
