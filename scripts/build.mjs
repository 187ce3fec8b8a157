// Compiles lib/ to dist/ and puts beside it what the library reads at run time, and the bill of materials of the package.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFiles } from "./files.mjs";
import { bin, Failure, root, run, runMain } from "./run.mjs";
import { makeSbom, SBOM } from "./sbom.mjs";
import { step } from "./step.mjs";

await runMain(async () => {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const { status, output } = await step("compiling lib/", () => run(bin("tsc"), ["-p", "tsconfig.build.json"]));
  if (status !== 0) throw new Failure(output);

  const assets = repositoryFiles().filter((file) => file.startsWith("lib/") && !/\.(m?ts|md)$/.test(file));
  for (const file of assets) {
    cpSync(join(root, file), join(root, file.replace(/^lib/, "dist")), { preserveTimestamps: true });
  }
  writeFileSync(join(root, "dist", SBOM), await step("making the bill of materials", makeSbom));
});
