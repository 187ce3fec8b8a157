import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fromJSONSchema } from "zod";
import { goldenFolder } from "./example.js";

const SCHEMA = join(__dirname, "../../lib/node/agent/manifest.schema.json");
const manifests = readdirSync(goldenFolder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith("/manifest.json"))
  .sort();

describe.skipIf(!existsSync(SCHEMA))("the schema that the agent's reader is checked against", () => {
  const schema = () => fromJSONSchema(JSON.parse(readFileSync(SCHEMA, "utf8")));
  const read = (path: string) => JSON.parse(readFileSync(join(goldenFolder, path), "utf8"));

  test.each(manifests)("takes %s", (path) => {
    expect(schema().safeParse(read(path)).error).toBeUndefined();
  });

  test("fails when a manifest is another one", () => {
    const [first = ""] = manifests;
    const good = read(first);
    for (const bad of [
      { ...good, schema: 1 },
      { ...good, watch: undefined },
      { ...good, further: true },
    ]) {
      expect(schema().safeParse(JSON.parse(JSON.stringify(bad))).success).toBe(false);
    }
  });
});
