/** `npm run figures:update`: puts the figures of the records in docs/figures into their places in README.md and docs/. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withFigures } from "./places.js";
import { recordedFigures } from "./recorded.js";

const root = join(__dirname, "..", "..");
const recorded = recordedFigures(root);
const pages = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
for (const file of ["README.md", ...pages.map((page) => `docs/${page}`)]) {
  const before = readFileSync(join(root, file), "utf8");
  const after = withFigures(before, recorded);
  if (after === before) continue;
  writeFileSync(join(root, file), after);
  console.log(file);
}
