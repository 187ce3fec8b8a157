// Makes the JSON Schema of the manifest from its types, which the library writes by and the node agent is checked
// against, and compares it with the committed one; --update writes that anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGenerator } from "ts-json-schema-generator";
import { Failure, root, runMain } from "./run.mjs";

const FILE = "lib/node/agent/manifest.schema.json";

await runMain(async () => {
  const schema = createGenerator({
    path: join(root, "lib/model/manifest.ts"),
    tsconfig: join(root, "tsconfig.json"),
    type: "Manifest",
    // The step `types` does that.
    skipTypeCheck: true,
  }).createSchema("Manifest");
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  const path = join(root, FILE);
  if (process.argv.includes("--update")) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    throw new Failure(
      `${FILE} is not what lib/model/manifest.ts says; run npm run manifest:update, and let the agent follow`,
    );
  }
});
