import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mustRun, run } from "../run.js";

const POLICY = "/usr/sbin/policy-rc.d";
const MARK = "# dnslb-e2e: no daemon starts while its package is installed";

/** What an engine needs that is started here. */
export const ENGINE_PACKAGES = ["docker.io", "iptables", "iproute2", "procps", "util-linux"] as const;

/** Installs the Debian packages that are missing, without letting any daemon start. */
export async function ensureInstalled(packages: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of packages) {
    const { stdout } = await run(["dpkg-query", "-W", "-f", "$" + "{db:Status-Status}", name]);
    if (stdout.trim() !== "installed") missing.push(name);
  }
  if (missing.length === 0) return missing;
  const guarded = !existsSync(POLICY) || readFileSync(POLICY, "utf8").includes(MARK);
  if (guarded) writeFileSync(POLICY, `#!/bin/sh\n${MARK}\nexit 101\n`, { mode: 0o755 });
  try {
    const apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"];
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await mustRun([...apt, "update"], { env, timeoutSeconds: 300 });
    await mustRun([...apt, "install", "-y", "--no-install-recommends", ...missing], { env, timeoutSeconds: 600 });
  } finally {
    if (guarded) rmSync(POLICY, { force: true });
  }
  return missing;
}
