import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { dockerProvider } from "./docker/provider.js";
import type { Fields } from "./sdk/schema.js";

const bindings = dirname(createRequire(__filename).resolve("@cdktf/provider-docker/package.json"));

/** The names that the pinned bindings write into the JSON for Terraform, block by block. */
function boundNames(folder: string): Record<string, readonly string[]> {
  const source = readFileSync(join(bindings, "lib", folder, "index.js"), "utf8");
  const names: Record<string, readonly string[]> = {};
  const writers = [
    ...source.matchAll(/function (\w+)ToTerraform\(struct\) {(.*?)\n}\n/gs),
    ...source.matchAll(/\n {4}(synthesizeAttributes)\(\) {(.*?)\n {4}}\n/gs),
  ];
  for (const [, writer = "", body = ""] of writers) {
    names[writer] = [...body.matchAll(/^ +([a-z0-9_]+): /gm)].map(([, name = ""]) => name).sort();
  }
  return names;
}

/** The names that a schema lets a user set, under the name of the function that writes them. */
function schemaNames(prefix: string, fields: Fields): Record<string, readonly string[]> {
  const settable = Object.entries(fields).filter(([, field]) => field.presence !== "computed");
  const blocks = settable.flatMap(([name, field]) =>
    field.kind === "block" ? Object.entries(schemaNames(prefix + pascal(name), field.fields)) : [],
  );
  return { [prefix]: settable.map(([name]) => name).sort(), ...Object.fromEntries(blocks) };
}

function pascal(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

describe("the stand-in knows what the pinned bindings know, and no more", () => {
  test("it stands in for the version that the bindings were made from", () => {
    const text = readFileSync(join(bindings, "package.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({
      cdktf: { provider: { name: "registry.terraform.io/kreuzwerker/docker", version: "3.6.2" } },
    });
  });

  test.each([
    ["container", "docker_container"],
    ["image", "docker_image"],
    ["network", "docker_network"],
    ["volume", "docker_volume"],
  ])("%s", (folder, type) => {
    const { synthesizeAttributes, ...blocks } = boundNames(folder);
    const fields = dockerProvider("/").resources[type]?.fields ?? {};
    const known = schemaNames(folder, fields);
    expect(known[folder]).toEqual(synthesizeAttributes);
    expect({ ...known, [folder]: undefined }).toEqual({
      ...blocks,
      [folder]: undefined,
      [`${folder}NetworkData`]: undefined,
    });
  });
});
