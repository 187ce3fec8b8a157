import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";

const missing = spawnSync("terraform", ["version"]).status !== 0;

/** A test that needs Terraform: skipped where it is missing, failed in CI. */
export const testWithTerraform = test.skipIf(missing && process.env["CI"] === undefined);

/**
 * What Terraform makes of texts: those that stand as `content` in the list `locals.texts` of a module in JSON. Gives
 * Terraform's own words if it refuses them.
 */
export function readBack(module: string): unknown {
  const directory = mkdtempSync(join(tmpdir(), "dns-lb-tf-"));
  try {
    writeFileSync(join(directory, "main.tf.json"), module);
    const { stdout, stderr } = spawnSync("terraform", ["console"], {
      cwd: directory,
      input: "jsonencode([for text in local.texts : base64encode(text.content)])\n",
      encoding: "utf8",
      env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: undefined },
    });
    if (!stdout.startsWith('"')) return stdout + stderr;
    return JSON.parse(JSON.parse(stdout)).map((text: string) => Buffer.from(text, "base64").toString("utf8"));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
