import type { LoadBalancer } from "../model/load-balancer.js";
import { announcerPorts } from "./announcer-ports.js";
import { connectionAge } from "./connection-age.js";
import { connectionShares } from "./connection-shares.js";
import { daemonNames } from "./daemon-names.js";
import { deployedServers } from "./deployed-servers.js";
import { directTcpPath } from "./direct-tcp-path.js";
import { frontendAddresses } from "./frontend-addresses.js";
import { frontends } from "./frontends.js";
import { handoverConnections } from "./handover-connections.js";
import { listenerConflicts } from "./listener-conflicts.js";
import { memory } from "./memory.js";
import { ownAddresses } from "./own-addresses.js";
import { passThrough } from "./pass-through.js";
import type { Rule, RuleProblem } from "./rule.js";
import { scriptRunsAtATime } from "./script-runs.js";
import { transferBypass } from "./transfer-bypass.js";
import { unservedSources } from "./zone-operations.js";

const RULES: readonly Rule[] = [
  frontends,
  frontendAddresses,
  listenerConflicts,
  announcerPorts,
  daemonNames,
  directTcpPath,
  passThrough,
  connectionAge,
  connectionShares,
  handoverConnections,
  deployedServers,
  ownAddresses,
  memory,
  scriptRunsAtATime,
  transferBypass,
  unservedSources,
];

/** Checks a load balancer by all rules. */
export function brokenRules(loadBalancer: LoadBalancer): readonly RuleProblem[] {
  return RULES.flatMap((rule) => rule(loadBalancer));
}
