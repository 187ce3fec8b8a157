import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { daemonComplaints } from "../../lib/testing/daemon-checks.js";
import { nodeOf } from "../../lib/testing/nodes-of.js";
import { scratch } from "../constructs.js";
import { appForMatchers } from "./matchers/app.js";

afterEach(() => vi.unstubAllEnvs());

/** A folder of daemons that do not tell their version. */
function brokenDaemons(): string {
  const folder = mkdtempSync(join(scratch, "daemons-"));
  for (const name of ["haproxy", "keepalived", "dnsdist", "unbound", "nsd"]) {
    writeFileSync(join(folder, name), "#!/bin/sh\n", { mode: 0o755 });
  }
  return folder;
}

describe("a machine without daemons", () => {
  const app = appForMatchers();

  test.each([
    ["lb1", "haproxy, dnsdist, keepalived"],
    ["r1", "unbound"],
    ["a1", "nsd"],
  ])("fails for node %s for want of the daemons that it has: %s", async (name, daemons) => {
    vi.stubEnv("PATH", brokenDaemons());
    await expect(daemonComplaints(nodeOf(app, name))).rejects.toThrow(
      `to check node "${name}", this machine needs ${daemons}: `,
    );
  });
});
