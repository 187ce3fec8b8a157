import type { IConstruct } from "constructs";
import { DAEMON_NAME, daemonName } from "../core/names.js";
import type { Report } from "../terraform/parse.js";

/** Reports a construct id from which no valid name for the daemons can be made. */
export function checkName({ node: { id } }: IConstruct, report: Report): void {
  const name = daemonName(id);
  if (DAEMON_NAME.test(name)) return;
  report(
    "DNSLB109",
    [],
    `the construct id ${JSON.stringify(id)} becomes the name ${JSON.stringify(name)} in the daemons, which must start with a letter and be at most 63 long; choose another id`,
  );
}
