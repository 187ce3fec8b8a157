import { readFileSync } from "node:fs";
import { join } from "node:path";

/** An installed copy of this library. */
export interface Installation {
  /** The version in its package.json. */
  readonly version: string;
  /** The folder of the package. */
  readonly path: string;
}

const path = join(__dirname, "../..");
const { version }: { readonly version: string } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));

/** The copy that this module belongs to. */
export const INSTALLATION: Installation = Object.freeze({ version, path });
