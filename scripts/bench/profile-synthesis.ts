import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../lib/testing/lab/command.js";
import type { AppCost } from "./apps/app.js";
import { commandOf } from "./apps/command.js";
import { type CpuProfile, stacksOfProfile } from "./cpu-profile.js";
import { drawFlameGraph } from "./flame-graph.js";
import { hottest } from "./stacks.js";

/* Where what the library adds is largest beside what cdktf needs itself. */
const PLAN = { servers: 2_000, pools: 20 };
const TITLE = "synthesis of 2,000 servers in twenty pools";
const MICROSECONDS = 200;

/** What `--profile` is told for it. */
export const SYNTHESIS = "synthesis";

/** Tells where synthesis spends its time, and draws it into a folder. */
export async function profileSynthesis(pictures?: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "dns-lb-bench-"));
  try {
    const options = ["--cpu-prof", `--cpu-prof-dir=${join(folder, "profile")}`, `--cpu-prof-interval=${MICROSECONDS}`];
    const { stdout } = await command(commandOf("ours", { ...PLAN, outdir: join(folder, "out") }, ...options));
    const { seconds } = JSON.parse(stdout) as AppCost;
    const [file = ""] = readdirSync(join(folder, "profile"));
    const stacks = stacksOfProfile(JSON.parse(readFileSync(join(folder, "profile", file), "utf8")) as CpuProfile);
    if (pictures !== undefined) drawFlameGraph(pictures, SYNTHESIS, stacks, TITLE);
    return `${TITLE}: ${seconds.toFixed(2)} s\n\n${hottest(stacks)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
