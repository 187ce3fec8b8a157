import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runtimeLua } from "../../lib/config/dnsdist/runtime.js";
import type { DaemonVersions } from "../../lib/model/platform-profile.js";
import { templateText } from "../../lib/terraform/template-text.js";
import { type NodeUnderTest, nodesOf } from "../../lib/testing/nodes-of.js";
import { appOf, examples, goldenFolder, RELEASES, type Stack, secretLines, synthesize } from "./example.js";

const scratch = mkdtempSync(join(tmpdir(), "dns-lb-golden-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The file that is the same on every node: it is compared with its source, not kept again. */
const RUNTIME = "dnsdist/runtime.lua";

/** What Terraform makes of a template that refers to nothing. */
const uploaded = (template: string) => template.replace(/([$%])\1\{/g, "$1{");

const releaseOf = (versions: DaemonVersions) =>
  Object.keys(RELEASES).find((name) => isDeepStrictEqual(RELEASES[name], versions)) ?? "other versions";

/** The golden files that tests have asked for. */
const asked = new Set<string>();

async function expectGolden(path: string, content: string): Promise<void> {
  asked.add(path);
  await expect.soft(content).toMatchFileSnapshot(join(goldenFolder, path));
}

async function expectGoldenRelease(folder: string, files: ReadonlyMap<string, string>, secrets: string) {
  expect(files.get(RUNTIME)).toBe(files.has("dnsdist/dnsdist.conf") ? runtimeLua() : undefined);
  for (const [path, content] of files) if (path !== RUNTIME) await expectGolden(`${folder}/${path}`, content);
  if (secrets !== "") await expectGolden(`${folder}/secrets.txt`, secrets);
}

describe.each(examples)("examples/%s", (example) => {
  let stacks: readonly Stack[];
  let nodes: readonly NodeUnderTest[];
  beforeAll(async () => {
    stacks = await synthesize(example, join(scratch, example));
    nodes = nodesOf(await appOf(example, join(scratch, `${example}-app`)));
  }, 60_000);

  test("makes the resources that it is known to make", async () => {
    const lines = stacks.flatMap(({ resources }) => resources).sort();
    await expectGolden(`${example}/resources.txt`, `${lines.join("\n")}\n`);
  });

  test("uploads the files that it is known to upload", async () => {
    const loaders = stacks.flatMap((stack) => stack.loaders);
    expect(loaders.map(({ node }) => node).sort()).toEqual(nodes.map(({ name }) => name).sort());
    for (const { node, templates, secrets } of loaders) {
      const spec = nodes.find(({ name }) => name === node)?.spec;
      if (spec === undefined) throw new RangeError(`no node ${node}`);
      const files = new Map([...templates].map(([path, template]) => [path, uploaded(template)]));
      await expectGoldenRelease(`${example}/${releaseOf(spec.profile.versions)}/${node}`, files, secrets);
    }
  });

  test("uploads, as templates, what nodesOf() shows", () => {
    const uploads = stacks.flatMap(({ loaders }) => loaders.map(({ node, templates }) => [node, templates] as const));
    const shown = nodes.map(({ name, files }) => {
      const templates = [...files].map(([path, content]) => [path, templateText(content)] as const);
      return [name, new Map(templates)] as const;
    });
    expect(new Map(uploads)).toEqual(new Map(shown));
  });

  test.each(Object.entries(RELEASES))("compiles for %s to what it is known to", async (release, versions) => {
    for (const node of nodes) {
      const { name, spec } = node;
      const { files, secretFiles } = node.specFor({ ...spec.profile, versions });
      const byPath = new Map(files.map(({ path, content }) => [path, content]));
      await expectGoldenRelease(`${example}/${release}/${name}`, byPath, secretLines(secretFiles));
    }
  });

  test("gives the same bytes the second time", async () => {
    const again = await synthesize(example, join(scratch, `${example}-again`));
    expect(again.map(({ name, bytes }) => [name, bytes])).toEqual(stacks.map(({ name, bytes }) => [name, bytes]));
  });

  test("no golden file is left over", () => {
    const kept = readdirSync(join(goldenFolder, example), { recursive: true, encoding: "utf8" })
      .map((path) => `${example}/${path}`)
      .filter((path) => statSync(join(goldenFolder, path)).isFile());
    expect(kept.filter((path) => !asked.has(path)).sort(), "remove what is not made any more").toEqual([]);
  });
});

test("no golden files are kept of an example that is gone", () => {
  const folders = readdirSync(goldenFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(examples);
});
