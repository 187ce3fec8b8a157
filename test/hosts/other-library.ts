import { appendFileSync, cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const REPOSITORY = join(__dirname, "..", "..");
const NEEDED = ["lib", "package.json", "tsconfig.json"];

/**
 * Copies the library, as another version of the package would be, in which some files have one more line, and the files of
 * an app with it. Gives the path of the first of these from the root of the repository.
 */
export function otherLibrary(folder: string, apps: readonly string[], files: readonly string[]): string {
  rmSync(folder, { recursive: true, force: true });
  for (const path of [...NEEDED, ...apps]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(REPOSITORY, path), join(folder, path), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
  for (const path of files) appendFileSync(join(folder, path), "# another version\n");
  return relative(REPOSITORY, join(folder, apps[0] ?? ""));
}
