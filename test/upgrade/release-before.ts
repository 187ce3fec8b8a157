import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import type { NodeSpec } from "../../lib/model/node-spec.js";
import type { PlatformProfile } from "../../lib/model/platform-profile.js";
import type { AgentFile } from "../../lib/node/agent/files.js";
import type { Reply, Request } from "./compile.js";

const PACKAGE = join(__dirname, "cdktf-dns-lb-schema-1.tgz");
const ROOT = join(__dirname, "..", "..");
/** What is run by the release before, from the same places relative to each other. */
const PROGRAM = join(__dirname, "compile.ts");
const APP = join(ROOT, "examples", "production", "stacks.ts");
/** Bytes: far more than a pair's configuration has. */
const LONGEST = 64 * 1024 * 1024;

/** Specs of nodes by their names: those of the app, and those of the app with an access rule more. */
export type Compiled = Pick<Reply, "specs" | "changed">;

/** The library as it was: what it compiles, and the agent that it puts on nodes. */
export class ReleaseBefore {
  private constructor(private readonly folder: string) {}

  /** Unpacks it to a folder of its own, which is there until `remove()`. */
  static async unpack(): Promise<ReleaseBefore> {
    const folder = mkdtempSync(join(tmpdir(), "dns-lb-before-"));
    const modules = join(folder, "node_modules");
    mkdirSync(modules);
    await promisify(execFile)("tar", ["-xzf", PACKAGE, "-C", modules]);
    renameSync(join(modules, "package"), join(modules, "cdktf-dns-lb"));
    for (const file of [PROGRAM, APP]) cpSync(file, join(folder, relative(ROOT, file)));
    return new ReleaseBefore(folder);
  }

  /** The files of its agent. */
  agent(): readonly AgentFile[] {
    const { agentFiles } = createRequire(__filename)(join(this.#library, "dist", "node", "agent", "files.js"));
    return agentFiles();
  }

  /** Compiles examples/production for nodes that run in some places. */
  async compile(profiles: Readonly<Record<string, PlatformProfile>>): Promise<Compiled> {
    const loader = createRequire(__filename).resolve("tsx/cjs");
    const program = ["--require", loader, join(this.folder, relative(ROOT, PROGRAM))];
    const running = promisify(execFile)(process.execPath, program, {
      // No settings of this version's TypeScript lead the library's name to this version.
      cwd: this.folder,
      env: { ...process.env, NODE_PATH: join(ROOT, "node_modules") },
      maxBuffer: LONGEST,
    });
    const request: Request = { outdir: join(this.folder, "cdktf.out"), profiles };
    running.child.stdin?.end(JSON.stringify(request));
    const { library, specs, changed }: Reply = JSON.parse((await running).stdout);
    if (!library.startsWith(this.#library)) throw new RangeError(`it was ${library} that compiled`);
    return { specs, changed };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #library(): string {
    return join(this.folder, "node_modules", "cdktf-dns-lb");
  }
}

/** The schema of the manifest of what was compiled for a node. */
export function schemaOf({ files }: NodeSpec): number {
  const manifest = files.find(({ path }) => path === "manifest.json");
  return JSON.parse(manifest?.content ?? "{}").schema;
}
