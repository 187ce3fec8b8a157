import { chmodSync, mkdirSync } from "node:fs";

/** Makes a directory that every user may enter, whatever the umask. */
export function makeDirectory(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
}
