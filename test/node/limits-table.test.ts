import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DaemonVersions } from "../../lib/model/platform-profile.js";
import { INSPECTED_KINDS } from "../../lib/model/query-inspection.js";
import { FEATURE_SINCE } from "../../lib/node/features.js";

const PAGE = readFileSync(join(__dirname, "../../docs/daemons.md"), "utf8");

const TITLES: Readonly<Record<keyof DaemonVersions, string>> = {
  haproxy: "HAProxy",
  dnsdist: "dnsdist",
  keepalived: "keepalived",
  unbound: "unbound",
  nsd: "NSD",
  bird: "BIRD",
};

const table = [
  "| what | not with | there |",
  "|---|---|---|",
  ...INSPECTED_KINDS.map(({ what }) => `| ${what} | \`tcpPath: "direct"\` | refused (DNSLB004) |`),
  '| `maximumConnectionAge` | `tcpPath: "direct"` | refused (DNSLB004) |',
  '| a server that gives its zones to the load balancer, or takes UPDATE from it | `tcpPath: "direct"` | refused (DNSLB014) |',
  ...Object.values(FEATURE_SINCE).map(
    ({ daemon, version, what, older }) => `| ${what} | ${TITLES[daemon]} before ${version} | ${older} |`,
  ),
].join("\n");

test("docs/daemons.md has the table of what a path or a version cannot do", () => {
  expect(PAGE).toContain(table);
});
