import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** What there is of a site on this machine. */
export function leftovers(directory: string) {
  const name = basename(directory);
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  const mentions = (file: string) => pids.filter((pid) => read(join("/proc", pid, file)).includes(name));
  const tops = ["/sys/fs/cgroup", ...["unified", "systemd", "cpu"].map((top) => `/sys/fs/cgroup/${top}`)];
  return {
    folders: [directory, ...tops.map((top) => join(top, name))].filter(existsSync),
    processes: mentions("cmdline"),
    inGroups: mentions("cgroup"),
    mounts: mentions("mountinfo"),
  };
}

export const NOTHING = { folders: [], processes: [], inGroups: [], mounts: [] };

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
