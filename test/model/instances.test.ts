import { describe, expect, test } from "vitest";
import type { NodeSpec } from "../../lib/model/node-spec.js";
import { dockerNode, labServer, virtualMachine } from "./instances.js";

const instances: [string, NodeSpec][] = [
  ["docker", dockerNode],
  ["vm", virtualMachine],
  ["lab", labServer],
];

describe.each(instances)("a node spec for %s", (_, spec) => {
  test("is plain data: writing it down and reading it back changes nothing", () => {
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  });

  test("carries its manifest as a file of the release", () => {
    const file = spec.files.find(({ path }) => path === "manifest.json");
    expect(JSON.parse(file?.content ?? "")).toEqual(spec.manifest);
  });

  test("composes files from secrets that it has", () => {
    const secrets = spec.secretFiles.map(({ path }) => path);
    for (const file of spec.manifest.compose) if (file.kind === "service") expect(secrets).toContain(file.secret);
  });
});
