import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { modestly } from "./engine/processors.js";
import { type RunOptions, type RunResult, run } from "./run.js";
import { makeTemporary, removeTemporary } from "./temporary.js";

const REPOSITORY = join(__dirname, "..", "..");

/** A directory in which Terraform and cdktf run, with the environment that makes them find their provider. */
export class Workspace {
  constructor(
    private readonly environment: Readonly<Record<string, string | undefined>>,
    readonly directory = makeTemporary("workspace"),
    /** Gives the argument list that runs a program where Terraform is to run. */
    private readonly inside = (argv: readonly string[]) => argv,
  ) {}

  write(name: string, content: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, content);
    return path;
  }

  /** Writes Terraform's configuration as JSON. */
  configure(configuration: object): void {
    this.write("main.tf.json", JSON.stringify(configuration, undefined, 2));
  }

  terraform(...args: readonly string[]): Promise<RunResult> {
    return this.run(["terraform", ...args]);
  }

  /** Runs cdktf on an app of this repository, given by its path from the repository's root. */
  cdktf(app: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    const tsx = join(REPOSITORY, "node_modules", ".bin", "tsx");
    const settings = {
      language: "typescript",
      app: `${tsx} --tsconfig ${join(REPOSITORY, "tsconfig.json")} ${join(REPOSITORY, app)}`,
      sendCrashReports: "false",
    };
    this.write("cdktf.json", JSON.stringify(settings));
    // Where a deployment runs is not where what it deploys runs.
    return this.run(modestly([join(REPOSITORY, "node_modules", ".bin", "cdktf"), ...args]), env, { detached: true });
  }

  remove(): void {
    removeTemporary(this.directory);
  }

  private run(
    argv: readonly string[],
    extra: Readonly<Record<string, string>> = {},
    options: RunOptions = {},
  ): Promise<RunResult> {
    const env = { ...this.environment, NO_COLOR: "1", FORCE_COLOR: "0", TF_CLI_ARGS: "-no-color", CI: "1", ...extra };
    return run(this.inside(argv), { cwd: this.directory, env, timeoutSeconds: 600, ...options });
  }
}
