import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Lab } from "../../../lib/testing/index.js";
import { labDirectory, namespaceName, programDirectory } from "../../../lib/testing/lab/names.js";
import { namespaceNames, processesIn, startOf } from "../../../lib/testing/lab/namespace.js";
import { withoutRoot } from "../path.js";
import type { TakenDown } from "../report.js";

/** Ends the lab and looks for anything that it left on this machine. */
export async function takeDown(lab: Lab): Promise<TakenDown> {
  const before = namespacesOf(lab.name);
  const living = processesIn(before).map((pid) => ({ pid, started: startOf(pid), words: commandOf(pid) }));
  await lab.stop();
  const survivors = living.filter(({ pid, started }) => started !== undefined && startOf(pid) === started);
  const strays = processesThatName(lab.name).filter((pid) => survivors.every((each) => each.pid !== pid));
  return {
    processesBefore: living.length,
    namespacesBefore: before.length,
    processes: [...survivors.map(({ words }) => words), ...strays.map(commandOf)],
    namespaces: namespacesOf(lab.name),
    directories: [labDirectory(lab.name), programDirectory(lab.name)].filter(existsSync),
  };
}

/** Shows that nothing is left. */
export function showTakenDown(down: TakenDown): string {
  const { processesBefore, namespacesBefore, processes, namespaces, directories } = down;
  const left = [...processes, ...namespaces, ...directories];
  const were = `${processesBefore} processes in ${namespacesBefore} network namespaces ran`;
  return left.length === 0 ? `${were}; nothing of it is left` : [`${were}; left behind:`, ...left].join("\n  ");
}

function namespacesOf(lab: string): string[] {
  return namespaceNames().filter((name) => name.startsWith(namespaceName(lab, "")));
}

/** Processes outside of the lab's namespaces whose command holds one of its directories. */
function processesThatName(lab: string): number[] {
  const paths = [labDirectory(lab), programDirectory(lab)].map((path) => `${path}/`);
  const all = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return all
    .map(Number)
    .filter((pid) => startOf(pid) !== undefined && paths.some((path) => commandOf(pid).includes(path)));
}

function commandOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return withoutRoot(words).slice(0, 100);
  } catch {
    return "";
  }
}
