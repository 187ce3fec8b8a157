import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A copy of this library on a disk. */
export interface Installation {
  /** As its package.json says. */
  readonly version: string;
  /** Its folder. */
  readonly path: string;
}

const path = join(__dirname, "../..");
const { version }: { readonly version: string } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));

/** The copy of this library that this module is of. */
export const INSTALLATION: Installation = Object.freeze({ version, path });
