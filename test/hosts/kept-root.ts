import { createHash } from "node:crypto";
import { readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isComplete, provideRoot, type RootContents, rootFolder } from "../../scripts/debian/root.js";
import { ensureInstalled } from "../e2e/engine/install.js";

/** Milliseconds after which the root of another recipe is removed, if nobody used it. */
const UNUSED = 86_400_000;

/** The root of a Debian system that is made once, and kept; another recipe has another folder. */
export class KeptRoot {
  readonly folder: string;

  constructor(
    /** What it is for; its folder begins so. */
    private readonly kind: string,
    private readonly suite: string,
    private readonly contents: RootContents,
  ) {
    const recipe = createHash("sha256").update(JSON.stringify(contents)).digest("hex").slice(0, 8);
    this.folder = rootFolder(`${kind}-${suite}-${recipe}`);
  }

  get isComplete(): boolean {
    return isComplete(this.folder, this.contents);
  }

  /** Makes it, unless it is there, and gives its folder. Nobody may change what is in it. */
  async provide(): Promise<string> {
    if (!this.isComplete) {
      await ensureInstalled(["debootstrap", "debian-archive-keyring"]);
      await provideRoot(this.suite, this.folder, this.contents);
    }
    utimesSync(this.folder, new Date(), new Date());
    this.#removeUnused();
    return this.folder;
  }

  #removeUnused(): void {
    const cache = dirname(this.folder);
    for (const name of readdirSync(cache)) {
      const other = join(cache, name);
      if (name === basename(this.folder) || !name.startsWith(`${this.kind}-${this.suite}-`)) continue;
      if (name.includes(".new-")) continue;
      const used = statSync(other, { throwIfNoEntry: false })?.mtimeMs;
      if (used !== undefined && Date.now() - used > UNUSED) rmSync(other, { recursive: true, force: true });
    }
  }
}
