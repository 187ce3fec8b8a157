import { existsSync } from "node:fs";
import { labDirectory, namespaceName, programDirectory } from "../../lib/testing/lab/names.js";
import { namespaceNames, processesIn } from "../../lib/testing/lab/namespace.js";

/** What there is of a lab on this machine. */
export function leftovers(name: string) {
  const namespaces = namespaceNames().filter((namespace) => namespace.startsWith(namespaceName(name, "")));
  return {
    namespaces,
    processes: processesIn(namespaces),
    folders: [labDirectory(name), programDirectory(name)].filter(existsSync),
  };
}

export const NOTHING = { namespaces: [], processes: [], folders: [] };
