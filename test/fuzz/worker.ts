/** Judges runs one after the other, as the main process sends them; see `main.ts`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { titleOf } from "../api/inputs.js";
import { Checks } from "./check.js";
import { planOf } from "./draw/app.js";
import { writeFiles } from "./files.js";
import { judge } from "./judge.js";
import type { Outcome, Report, Task } from "./messages.js";
import { placesIn } from "./places.js";
import type { Plan } from "./plan.js";
import { reduced } from "./reduce.js";
import { startAndAsk } from "./start.js";

const seed = Number(process.argv[2]);
/** The name of the labs that it starts, if it does. */
const lab = process.argv[3];
const folder = mkdtempSync(join(tmpdir(), "dns-lb-fuzz-"));
const surroundings = { outdir: join(folder, "out"), fileOf: writeFiles(folder) };
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("disconnect", () => process.exit());

const pem = readFileSync(surroundings.fileOf("certificate"), "utf8");
const checks = Checks.start(folder, pem);
const send = (report: Report) => process.send?.(report);
process.on("message", ({ run }: Task) => {
  judgeRun(run);
});

async function judgeRun(run: number): Promise<void> {
  const plan = planOf(seed, run);
  const drawn = [...new Set(placesIn(plan).map(titleOf))];
  const common = { run, codes: [], text: "", drawn, answered: 0, notStarted: [] };
  const outcome = await outcomeOf(plan, common, () => send({ kind: "synthesized", run }));
  const found = outcome.kind === "finding" ? await explained(plan, outcome) : outcome;
  send({ kind: "done", outcome: found });
}

async function outcomeOf(plan: Plan, common: Omit<Outcome, "kind">, synthesized: () => void): Promise<Outcome> {
  const verdict = judge(plan, surroundings);
  synthesized();
  if (verdict.kind === "refused") return { ...common, kind: "refused", codes: [...new Set(verdict.codes)] };
  if (verdict.kind === "finding") return { ...common, kind: "finding", text: verdict.text };
  for (const node of verdict.nodes) {
    const complaints = await (await checks).complaints(node);
    if (complaints !== "") return { ...common, kind: "finding", text: `node ${node.name}: ${complaints}` };
  }
  if (lab === undefined) return { ...common, kind: "accepted" };
  const { text, answered, notStarted } = await startAndAsk(verdict.app, lab, surroundings.fileOf);
  return { ...common, kind: text === "" ? "accepted" : "finding", text, answered, notStarted };
}

/** A finding with the smallest plan that shows it too. */
async function explained(plan: Plan, outcome: Outcome): Promise<Outcome> {
  send({ kind: "found", run: outcome.run, text: outcome.text });
  const same = async (smaller: Plan) => {
    try {
      const { kind, text } = await outcomeOf(smaller, outcome, () => send({ kind: "synthesized", run: outcome.run }));
      return kind === "finding" && essence(text) === essence(outcome.text);
    } catch {
      return false;
    }
  };
  const smallest = await reduced(plan, same, lab === undefined ? 60_000 : 300_000);
  return {
    ...outcome,
    text: `${outcome.text}\nthe smallest plan that shows it:\n${JSON.stringify(smallest, null, 1)}`,
  };
}

/** What two texts have in common that tell of one fault: no numbers, names, or values. */
function essence(text: string): string {
  const [line = ""] = text.split("\n");
  return line.replace(/"[^"]*"|'[^']*'|\S*\d\S*/g, "_").slice(0, 120);
}
