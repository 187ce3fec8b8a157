import { showBounds, showVerdict } from "../../scripts/figures/bounds.js";
import { showStep } from "../../scripts/progress.js";
import type { Figures } from "./figures.js";
import type { Results } from "./report.js";
import { showListsChanged } from "./steps/change-lists.js";
import { showHealth } from "./steps/health.js";
import { showMasterKilled } from "./steps/kill-master.js";
import { showResolverKilled } from "./steps/kill-resolver.js";
import { showQueries } from "./steps/queries.js";
import { showSynthesis } from "./steps/synthesize.js";
import { showTakenDown } from "./steps/take-down.js";
import { showTopology } from "./steps/topology.js";
import { showVersions } from "./versions.js";

/** What a run that passed has written to the console, made again from its figures. */
export function consoleOf({ steps, results, versions, bounds, verdict, seconds }: Figures): string {
  const shown = shownOf(results, versions);
  const parts = steps.map(({ step, seconds: took }, index) => {
    return `${showStep(index + 1, steps.length, step)}${took.toFixed(1)} s\n${shown[index]}`;
  });
  return [...parts, showBounds(bounds), showVerdict(verdict, bounds, seconds)].join("\n\n");
}

/** What each step showed, in their order. */
function shownOf(results: Results, versions: Figures["versions"]): readonly string[] {
  const { synthesis, topology, queries, health, resolverKilled, listsChanged, masterKilled, takenDown } = results;
  return [
    synthesis && showSynthesis(synthesis),
    topology && `${showVersions(versions)}\n\n${showTopology(topology)}`,
    queries && showQueries(queries),
    health && showHealth(health),
    resolverKilled && showResolverKilled(resolverKilled),
    listsChanged && showListsChanged(listsChanged),
    masterKilled && showMasterKilled(masterKilled),
    takenDown && showTakenDown(takenDown),
  ].map((text) => text ?? "");
}
