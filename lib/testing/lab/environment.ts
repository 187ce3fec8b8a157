import { delimiter } from "node:path";

/* Folders of daemons and network tools, which a user's PATH may lack. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Where the programs of a lab are looked for: in PATH, then where daemons live. */
export function programFolders(): string[] {
  return [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_FOLDERS].filter((folder) => folder !== "");
}

/** The environment of the programs of a lab: the runner's, with all of those folders in its PATH. */
export function environment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: programFolders().join(delimiter), ...added };
}
