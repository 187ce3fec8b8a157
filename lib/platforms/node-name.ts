import type { Construct } from "constructs";
import { DAEMON_NAME, daemonName } from "../core/names.js";
import type { Report } from "../terraform/parse.js";

/** The default name of a node: the construct id, or that of the parent if the id is only "Node". */
export function defaultName({ node: { id, scope } }: Construct): string {
  return daemonName(id === "Node" && scope !== undefined && scope.node.id !== "" ? scope.node.id : id);
}

/** Reports that a node without a name has a construct id that gives none. */
export function checkName(scope: Construct, name: string | undefined, report: Report): void {
  const fallback = defaultName(scope);
  if (name !== undefined || DAEMON_NAME.test(fallback)) return;
  report(
    "DNSLB109",
    ["name"],
    `is required, because the construct id gives the name ${JSON.stringify(fallback)}, which must start with a letter and be at most 63 long`,
  );
}
