import { daemonComplaints } from "../daemon-checks.js";
import { listed } from "./nearest.js";
import { type MatcherResult, untilEndOfTest, verdict } from "./runner.js";
import { nodeUnderTest } from "./subject.js";

/** Judges whether the checkers of a node's daemons take its configuration. Refuses a wrong subject at once. */
export function toPassDaemonChecks(this: unknown, received: unknown): Promise<MatcherResult> {
  const node = nodeUnderTest(received, "toPassDaemonChecks");
  return untilEndOfTest(this, "toPassDaemonChecks", daemonComplaints(node)).then((complaints) =>
    complaints === ""
      ? verdict(true, `the daemons accept the configuration of node "${node.name}"`)
      : verdict(false, `the daemons refuse the configuration of node "${node.name}":${listed(complaints.split("\n"))}`),
  );
}
