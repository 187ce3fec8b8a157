import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const lib = (path: string) => fileURLToPath(new URL(`./lib/${path}`, import.meta.url));

/** The one test of a lab that `npm test` runs itself. */
const PRODUCTION = "test/lab/production/answers.test.ts";

export default defineConfig({
  resolve: {
    alias: [
      { find: /^cdktf-dns-lb$/, replacement: lib("index.ts") },
      { find: /^cdktf-dns-lb\/config$/, replacement: lib("config/index.ts") },
      { find: /^cdktf-dns-lb\/testing$/, replacement: lib("testing/index.ts") },
    ],
  },
  test: {
    globalSetup: "test/global-setup.mts",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
          exclude: [
            "test/lab/**",
            "test/real/**",
            "test/e2e/**",
            "test/anycast/**",
            "test/hosts/**",
            "examples/**/daemons.test.ts",
          ],
          testTimeout: 30_000,
          // To load cdktf and the library anew for each file took longer than the tests.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "real",
          include: ["test/real/**/*.test.ts", "examples/**/daemons.test.ts"],
          exclude: ["test/**/*.load.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "production",
          include: [PRODUCTION],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          exclude: [PRODUCTION, "test/**/*.load.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "load",
          include: ["test/{lab,real}/**/*.load.test.ts"],
          // They need roots that take minutes to make.
          exclude: process.env["DNS_LB_SERVERS"] === undefined ? ["test/lab/servers-behind/**"] : [],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "anycast",
          include: ["test/anycast/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/prepare.mts"],
          testTimeout: 300_000,
          hookTimeout: 900_000,
          // Each has an engine of its own, and waits more than it works.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "hosts",
          include: ["test/hosts/**/*.test.ts"],
          globalSetup: ["test/hosts/prepare.mts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each has machines of its own, and waits more than it works.
          maxWorkers: 2,
        },
      },
    ],
  },
});
