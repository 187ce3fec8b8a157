import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { daemonComplaints } from "../../lib/testing/daemon-checks.js";
import { dnsLbMatchers } from "../../lib/testing/matchers.js";
import { nodeOf } from "../../lib/testing/nodes-of.js";
import { scratch } from "../constructs.js";
import { appForMatchers } from "./matchers/app.js";

expect.extend(dnsLbMatchers);

afterEach(() => vi.unstubAllEnvs());

/** A folder of programs. */
function programs(scripts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(scratch, "programs-"));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
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
    vi.stubEnv("PATH", programs({ haproxy: "", keepalived: "", dnsdist: "", unbound: "", nsd: "" }));
    await expect(daemonComplaints(nodeOf(app, name))).rejects.toThrow(
      `to check node "${name}", this machine needs ${daemons}: `,
    );
  });
});

test("fails when the machine permits no namespaces, negated too", async () => {
  const node = nodeOf(appForMatchers(), "r1");
  const version = "echo Version 1.22.0";
  vi.stubEnv("PATH", programs({ unbound: version, unshare: "echo unshare: not permitted >&2; exit 1" }));
  const text = 'the checks of node "r1" cannot run on this machine: unshare: not permitted';
  await expect(expect(node).toPassDaemonChecks()).rejects.toThrow(text);
  await expect(expect(node).not.toPassDaemonChecks()).rejects.toThrow(text);
});
