import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { command } from "../../lib/testing/lab/command.js";
import { rooted } from "../../lib/testing/lab/root.js";
import { installedVersions } from "../../lib/testing/lab/versions.js";
import type { Verdict } from "./bounds.js";
import { dnsperfVersion } from "./loads/dnsperf.js";
import type { Options } from "./options.js";
import type { Results } from "./results.js";

/** On what the bench ran. */
export interface Setting {
  readonly processors: number;
  readonly processor: string;
  readonly kernel: string;
  /** Whether the kernel shares processor time between sessions; all subjects have sessions of their own. */
  readonly autogroups: boolean;
  readonly versions: Readonly<Record<string, string>>;
}

/** What `--json` writes. */
export interface Report extends Results {
  readonly schema: 1;
  readonly setting: Setting;
  readonly options: Pick<Options, "only" | "quick" | "rounds" | "seconds">;
  readonly seconds: number;
  readonly bounds: readonly Verdict[];
  readonly passed: boolean;
}

/** Finds out on what the bench runs. */
export async function settingOf(root: string | undefined, withNginx: boolean): Promise<Setting> {
  const { unbound: _, keepalived: __, ...versions } = await installedVersions(root);
  const [processor] = cpus();
  return {
    processors: cpus().length,
    processor: processor?.model ?? "unknown",
    kernel: release(),
    autogroups: autogroups(),
    versions: {
      ...versions,
      ...(withNginx ? { nginx: await nginxVersion(root) } : {}),
      dnsperf: await dnsperfVersion(),
      node: process.versions.node,
    },
  };
}

function autogroups(): boolean {
  try {
    return readFileSync("/proc/sys/kernel/sched_autogroup_enabled", "utf8").trim() === "1";
  } catch {
    return false;
  }
}

async function nginxVersion(root: string | undefined): Promise<string> {
  const argv = ["nginx", "-v"];
  const { stderr } = await command(root === undefined ? argv : rooted(root, argv));
  return /nginx\/(\d+\.\d+)/.exec(stderr)?.[1] ?? "unknown";
}
