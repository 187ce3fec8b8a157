// Which folder of lib/ may import which: an arrow of the architecture per entry. Imports of types count.
// CONTRIBUTING.md, "Layers", says why.
const LAYERS = {
  core: [],
  model: ["core", "config"],
  config: ["core"],
  rules: ["core", "model"],
  node: ["core", "model", "config"],
  terraform: ["core", "model"],
  dns: ["core", "model", "config", "terraform"],
  servers: ["core", "model", "dns", "node", "review", "terraform"],
  review: ["core", "model", "node"],
  ha: ["core", "model", "config", "dns", "node", "review", "rules", "terraform"],
  monitoring: ["core", "model", "dns", "review", "terraform"],
  platforms: ["core", "model", "node", "terraform"],
  diff: ["core", "model", "review"],
};
const PURE = ["core", "model", "config", "rules", "node", "review", "diff", "testing/lab"];

const any = (folders) => `^lib/(${folders.join("|")})/`;
const layers = Object.entries(LAYERS).map(([layer, allowed]) => ({
  name: `${layer}-imports-only-${allowed.join("-") || "itself"}`,
  comment: `lib/${layer} may import from ${["itself", ...allowed].join(", ")}`,
  severity: "error",
  from: { path: any([layer]) },
  to: { path: "^(lib|test|examples|scripts)/", pathNot: any([layer, ...allowed]) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...layers,
    {
      name: "lab-needs-no-construct",
      comment: "lib/testing/lab runs node specs: it may import core, model, config and node",
      severity: "error",
      from: { path: any(["testing/lab"]) },
      to: { path: "^(lib|test|examples|scripts)/", pathNot: any(["testing/lab", "core", "model", "config", "node"]) },
    },
    {
      name: "testing-imported-by-none",
      comment: "lib/testing stands on top of all: it is an entry point of its own",
      severity: "error",
      from: { path: "^lib/", pathNot: "^lib/testing/" },
      to: { path: "^lib/testing/" },
    },
    {
      name: "every-folder-has-a-layer",
      comment: "a new folder of lib/ gets its place in LAYERS above",
      severity: "error",
      from: { path: "^lib/[^/]+/", pathNot: any([...Object.keys(LAYERS), "testing"]) },
      to: {},
    },
    {
      name: "no-circle",
      comment: "modules that import each other cannot be understood one by one",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "pure-layers-know-no-cdktf",
      comment: "these layers turn plain data into plain data, so that they can be used and tested without Terraform",
      severity: "error",
      from: { path: any(PURE) },
      to: {
        path: "(^|/)node_modules/(cdktf|cdktn|constructs|@cdktf|@cdktn)/|^(cdktf|cdktn|constructs|@cdktf|@cdktn)(/|$)",
      },
    },
    {
      name: "vitest-in-testing-only",
      comment: "vitest is an optional peer: only lib/testing may know it",
      severity: "error",
      from: { path: "^lib/", pathNot: "^lib/testing/" },
      to: { path: "(^|/)node_modules/(vitest|@vitest)/" },
    },
    {
      name: "library-imports-no-tool",
      comment: "what lib/ imports must be installed with it: a dependency or a peer, not a development dependency",
      severity: "error",
      from: { path: "^lib/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm", "npm-peer", "type-only"] },
    },
    {
      name: "resolvable",
      comment: "an import that leads nowhere",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "default", "types"] },
  },
};
