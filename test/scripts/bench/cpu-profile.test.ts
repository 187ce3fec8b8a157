import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { stacksOfProfile } from "../../../scripts/bench/cpu-profile.js";

/** A function of a call tree: its id, its name, its file, its line, and what it calls. */
function node(id: number, functionName: string, url: string, lineNumber: number, children: readonly number[] = []) {
  return { id, callFrame: { functionName, url, lineNumber }, children };
}

const PROFILE = {
  nodes: [
    node(1, "(root)", "", -1, [2, 7]),
    node(2, "", "file:///app/dist/index.js", 0, [3]),
    node(3, "Module._load", "node:internal/modules/cjs/loader", 1, [4, 5]),
    node(4, "", "/app/node_modules/zod/index.cjs", 0),
    node(5, "parse", "/app/dist/terraform/parse.js", 7, [6]),
    node(6, "", "/app/dist/terraform/parse.js", 9),
    node(7, "(idle)", "", -1),
  ],
  samples: [4, 6, 3, 4, 7],
  timeDeltas: [100, 200, 50, 10, 1_000],
};

test("what V8 samples is counted by stack, without the functions of Node between", () => {
  expect(stacksOfProfile(PROFILE)).toEqual([
    { frames: ["module (index.js)", "module (zod/index.cjs)"], count: 110 },
    { frames: ["module (index.js)", "parse (terraform/parse.js)", "anonymous (terraform/parse.js)"], count: 200 },
    { frames: ["module (index.js)", "Module._load (node)"], count: 50 },
  ]);
});

test("no file is named by its path on the machine", () => {
  const clone = join(__dirname, "..", "..", "..");
  const nodes = [
    node(1, "runApp", pathToFileURL(join(clone, "scripts", "bench", "apps", "app.ts")).href, 3, [2]),
    node(2, "elsewhere", "file:///home/someone/app.ts", 4),
  ];
  expect(stacksOfProfile({ nodes, samples: [2], timeDeltas: [5] })).toEqual([
    { frames: ["runApp (scripts/bench/apps/app.ts)", "elsewhere (app.ts)"], count: 5 },
  ]);
});
