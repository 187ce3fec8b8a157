import { existsSync, readFileSync } from "node:fs";
import type { IConstruct } from "constructs";
import { templateText } from "../../terraform/template-text.js";
import { TestingError } from "../errors.js";
import { NodeUnderTest, nodesOf } from "../nodes-of.js";
import { kindOf } from "./expected.js";
import { listed } from "./nearest.js";
import type { PlaceWords } from "./place.js";
import { hasProperties } from "./properties.js";
import { stacksOf, terraformOf } from "./resources.js";
import { type MatcherResult, verdict } from "./runner.js";
import { isAppOrStack, nodeUnderTest, refusal } from "./subject.js";

/** Judges whether a node gets a secret file, and where it comes from. */
export function toHaveSecretFile(received: unknown, path: unknown, ...source: unknown[]): MatcherResult {
  const node = nodeUnderTest(received, "toHaveSecretFile");
  const words: PlaceWords = { matcher: "toHaveSecretFile", noun: "secret file", holder: `node "${node.name}"` };
  const places = node.spec.secretFiles.map((file) => ({ title: file.path, value: file.source }));
  return hasProperties(places, path, source, words, ["kind", "name", "path"]);
}

/**
 * Judges whether no file of the nodes, and nothing that Terraform gets, has one of some texts in it, or a line of the
 * local files that secrets are read from.
 */
export function toKeepSecrets(received: unknown, ...texts: unknown[]): MatcherResult {
  const nodes = received instanceof NodeUnderTest ? [received] : nodesIn(received);
  const secrets = [...texts.map(givenText), ...nodes.flatMap(localSecrets)];
  if (secrets.length === 0) {
    throw new TestingError(
      "toKeepSecrets() has nothing to look for: no secret comes from a local file that exists here; give the texts of secrets",
    );
  }
  const open = [
    ...nodes.flatMap(({ name, files }) =>
      [...files].map(([path, text]) => ({ place: `${path} of node "${name}"`, text })),
    ),
    ...(received instanceof NodeUnderTest ? [] : terraformTexts(received as IConstruct)),
  ];
  const found = open.flatMap(({ place, text }) =>
    secrets.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => `${name} in ${place}`),
  );
  const lines = [...new Set(found)];
  return lines.length === 0
    ? verdict(true, "no secret text is in the files of the nodes, nor in what Terraform gets")
    : verdict(false, `secret text is where everybody can read it:${listed(lines)}`);
}

/** A secret as messages name it, which never hold its text. */
interface SecretText {
  readonly name: string;
  /** The text, and as it may be encoded. */
  readonly forms: readonly string[];
}

function nodesIn(received: unknown): readonly NodeUnderTest[] {
  if (isAppOrStack(received)) return nodesOf(received);
  throw refusal(received, "toKeepSecrets", "an app, a stack or a node that nodesOf() returned");
}

function terraformTexts(scope: IConstruct) {
  return stacksOf(scope).map((stack) => ({
    place: `the Terraform configuration of stack "${stack.node.path}"`,
    text: stringsIn(JSON.parse(terraformOf(stack))).join("\n"),
  }));
}

/** All texts of a value, as they are when nothing is escaped any more. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...stringsIn(inner)]);
}

function givenText(text: unknown, at: number): SecretText {
  if (typeof text === "string" && text.length >= SHORTEST) return secretText(`text ${at + 1}`, text);
  const got = typeof text === "string" ? `${text.length} characters` : kindOf(text);
  throw new TestingError(`toKeepSecrets() must get texts of at least ${SHORTEST} characters, got ${got}`);
}

/** The lines of the local files of a node's secrets that are long enough to be told from other text. */
function localSecrets({ spec }: NodeUnderTest): SecretText[] {
  return spec.secretFiles.flatMap(({ source }) => {
    if (source.kind !== "local-file" || !existsSync(source.path)) return [];
    const lines = readFileSync(source.path, "utf8").split("\n");
    return lines
      .map((line) => line.trim())
      .filter((line) => line.length >= SHORTEST && !line.startsWith("-----"))
      .map((line) => secretText(`a line of ${source.path}`, line));
  });
}

function secretText(name: string, text: string): SecretText {
  const bytes = Buffer.from(text);
  // Without its last group, which depends on what follows.
  const base64 = bytes.toString("base64").slice(0, Math.floor(bytes.length / 3) * 4);
  const escaped = JSON.stringify(text).slice(1, -1);
  return { name, forms: [text, templateText(text), escaped, templateText(escaped), base64, bytes.toString("hex")] };
}

/** A shorter text might stand in a file by chance. */
const SHORTEST = 6;
