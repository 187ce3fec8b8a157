// Compares the public API of dist/ with the committed reports in api/; --update writes them anew.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { Failure, root, run, runMain, scratchFolder } from "./run.mjs";

const ENTRY_POINTS = { index: "index", config: "config/index", testing: "testing/index" };

await runMain(async () => {
  const update = process.argv.includes("--update");
  const scratch = scratchFolder("api");
  const problems = [];
  for (const [name, entry] of Object.entries(ENTRY_POINTS)) {
    problems.push(...report(name, entry, scratch, update));
    problems.push(...(await difference(`${name}.api.md`, scratch, update)));
  }
  if (problems.length > 0) throw new Failure(problems.join("\n"));
});

/** Writes the report of one entry point: to api/ to update it, else to the scratch folder. */
function report(name, entry, scratch, update) {
  const main = join(root, "dist", `${entry}.d.ts`);
  if (!existsSync(main)) return [`dist/${entry}.d.ts does not exist; run npm run build`];
  mkdirSync(join(root, "api"), { recursive: true });
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, "package.json"),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: main,
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: {
          compilerOptions: { ...compilerOptions(), skipLibCheck: true },
          files: [main],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: update ? join(root, "api") : scratch,
        reportTempFolder: join(scratch, "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          "ae-missing-release-tag": { logLevel: ExtractorLogLevel.None },
          "ae-undocumented": { logLevel: ExtractorLogLevel.None },
          "ae-unresolved-link": { logLevel: ExtractorLogLevel.None },
          "ae-forgotten-export": { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const problems = [];
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === "error") problems.push(`${entry}: ${message.text} (${message.messageId})`);
    },
  });
  return problems;
}

async function difference(file, scratch, update) {
  if (update || !existsSync(join(scratch, file))) return [];
  const committed = join(root, "api", file);
  if (!existsSync(committed)) return [`api/${file} does not exist; run npm run api:update and commit it`];
  if (readFileSync(committed, "utf8") === readFileSync(join(scratch, file), "utf8")) return [];
  const { output } = await run("diff", [
    "-u",
    "--label",
    `api/${file}`,
    "--label",
    "now",
    committed,
    join(scratch, file),
  ]);
  return [`the public API differs from api/${file}; if that is meant, run npm run api:update and commit it`, output];
}

function compilerOptions() {
  return {
    target: "ES2022",
    lib: ["ES2023"],
    module: "Node16",
    moduleResolution: "Node16",
    types: ["node"],
    strict: true,
  };
}
