import { delimiter } from "node:path";

/* Folders of daemons and network tools, which may be missing from a user's PATH. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The folders that are searched for programs: those of PATH, then those of daemons. */
export function programFolders(): string[] {
  return [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_FOLDERS].filter((folder) => folder !== "");
}

/** The environment of a lab's programs: the runner's, with all of those folders in PATH. */
export function environment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: programFolders().join(delimiter), ...added };
}
