import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A directory that is removed when all tests have run. */
    readonly scratch: string;
  }
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "dns-lb-test-"));
  chmodSync(folder, 0o755);
  project.provide("scratch", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
