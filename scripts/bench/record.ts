import { showVerdicts } from "./bounds.js";
import type { Report, Setting } from "./report.js";
import { showResults } from "./tables.js";

const NONE = "No run is recorded yet.";

/** The blocks that the documentation shows of a recorded run, by name. */
export function showBench(report: Report | undefined): Readonly<Record<string, string>> {
  if (report === undefined) return { "bench.bounds": NONE, "bench.figures": NONE };
  return {
    "bench.bounds": `${showSetting(report)}\n\n${showVerdicts(report.bounds)}`,
    "bench.figures": showResults(report),
  };
}

function showSetting({ setting, options: { rounds, seconds } }: Report): string {
  const versions = Object.entries(setting.versions).map(([name, version]) => `${name} ${version}`);
  return [machineOf(setting), versions.join(", "), `${rounds} pairs of runs of ${seconds} s for each ratio`].join("\n");
}

function machineOf({ processors, processor, kernel, autogroups }: Setting): string {
  return `${processors} x ${processor}, Linux ${kernel}, autogroups ${autogroups ? "on" : "off"}`;
}
