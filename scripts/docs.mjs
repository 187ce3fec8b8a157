// `npm run docs`: builds the site of the documentation in site/.
import { join } from "node:path";
import { root, runMain } from "./run.mjs";
import { step } from "./step.mjs";
import { buildSite } from "./typedoc/build.mjs";

await runMain(async () => {
  const { documents, api } = await step("building the site", () => buildSite(join(root, "site")));
  console.log(`site/index.html: ${documents} pages, ${api} of the API`);
});
