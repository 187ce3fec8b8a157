import type { LoadBalancer } from "../model/load-balancer.js";
import { WORDS_PORT } from "../model/platform-profile.js";
import type { Part, Rule, RuleProblem } from "./rule.js";

/** The ports of a node that announces its addresses, and what has them. */
const PORTS: Readonly<Record<number, string>> = {
  179: "BGP",
  3784: "BFD",
  3785: "BFD",
  4784: "BFD",
  [WORDS_PORT]: "the nodes' questions to each other",
};

/** DNSLB030: a listener of a group on a port that its nodes need to announce their addresses. */
export const announcerPorts: Rule = ({ mobility, frontends, statistics }: LoadBalancer) => {
  if (mobility.kind !== "bgp") return [];
  return [
    ...frontends.flatMap(({ listeners }, frontend) =>
      listeners.flatMap(({ port }, index) => problem({ kind: "listener", frontend, index }, "port", port)),
    ),
    ...(statistics === undefined ? [] : problem({ kind: "load-balancer" }, "statistics.port", statistics.port)),
  ];
};

function problem(part: Part, property: string, port: number): readonly RuleProblem[] {
  const owner = PORTS[port];
  if (owner === undefined) return [];
  const message = `must be a port that the nodes of a group have free, got ${port}, that of ${owner}; choose another`;
  return [{ code: "DNSLB030", part, property, message }];
}
