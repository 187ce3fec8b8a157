import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { AGENT } from "./fake-node.js";

const folder = mkdtempSync(join(tmpdir(), "dns-lb-processors-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The processors that a process counts which may run on four, in a control group. */
function count(cgroup: string, quotas: Readonly<Record<string, string>>): number {
  for (const [place, text] of Object.entries(quotas)) {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, "cpu.max"), text);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "own"), cgroup);
  const program = `
import os, sys
from dnslb_agent import processors
os.sched_getaffinity = lambda pid: set(range(4))
processors.CGROUPS, processors.OWN_CGROUP = sys.argv[1], sys.argv[1] + "/own"
print(processors.count())`;
  const options = { cwd: dirname(AGENT), encoding: "utf8" } as const;
  return Number(execFileSync("/usr/bin/python3", ["-B", "-c", program, folder], options));
}

test.each([
  [4, "no control group", "", {}],
  [4, "a control group without a limit", "0::/system.slice/dns-lb-dnsdist.service\n", {}],
  [4, "a quota of max", "0::/a\n", { a: "max 100000\n" }],
  [2, "half a processor more than one", "0::/a\n", { a: "150000 100000\n" }],
  [1, "a tenth of a processor", "0::/a\n", { a: "10000 100000\n" }],
  [4, "more than there are", "0::/a\n", { a: "1600000 100000\n" }],
  [1, "a group that holds its own", "0::/a/b/c\n", { "a/b/c": "max 100000", a: "100000 100000" }],
  [2, "a container, whose own group is the root", "0::/\n", { ".": "200000 100000" }],
  [4, "a machine with version 1 alone", "4:cpu:/a\n", { a: "100000 100000" }],
  [4, "nonsense", "0::/a\n", { a: "1 0\n" }],
])("counts %i for %s", (expected, _, cgroup, quotas) => {
  expect(count(cgroup, quotas as Readonly<Record<string, string>>)).toBe(expected);
});
