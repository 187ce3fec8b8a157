import type { Frontend } from "../model/frontend.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";
import type { DaemonVersions } from "../model/platform-profile.js";
import { FEATURE_SINCE, featuresOf, type NodeFeatures } from "../node/features.js";
import type { Part, RuleProblem } from "../rules/rule.js";

/** What a property of a load balancer or of a frontend needs of the daemons. */
interface Need {
  readonly part: Part;
  readonly property: string;
  readonly feature: keyof NodeFeatures;
  /** What the property does. */
  readonly does: string;
}

/** DNSLB024: load balancers and frontends that need what a daemon of a node is too old for. */
export function newerDaemons(
  loadBalancer: LoadBalancer,
  versionsOf: (node: NodeDescription) => DaemonVersions,
): readonly RuleProblem[] {
  const { nodes, frontends } = loadBalancer;
  const needs = [...needsOf(loadBalancer), ...frontends.flatMap(needsOfFrontend)];
  return needs.flatMap(({ part, property, feature, does }) =>
    nodes.flatMap((node): readonly RuleProblem[] => {
      const versions = versionsOf(node);
      if (featuresOf(versions)[feature]) return [];
      const { daemon, version } = FEATURE_SINCE[feature];
      const message = `${does}, which needs ${daemon} ${version} or newer, and node "${node.name}" has ${versions[daemon]}`;
      return [{ code: "DNSLB024", part, property, message }];
    }),
  );
}

function needsOf({ identity }: LoadBalancer): readonly Need[] {
  const part = { kind: "load-balancer" } as const;
  return identity
    ? [{ part, property: "identity", feature: "answersInClass", does: "tells the name of each node in the class CH" }]
    : [];
}

function needsOfFrontend({ accessRules }: Frontend, index: number): readonly Need[] {
  const part = { kind: "frontend", index } as const;
  return accessRules.flatMap(({ action, extendedError }, number): readonly Need[] => {
    const property = `accessRules[${number}]`;
    const any: Need = { part, property, feature: "minimalAny", does: "answers ANY with a record of type HINFO" };
    const reason: Need = { part, property, feature: "extendedErrors", does: "gives a reason with REFUSED" };
    return [...(action === "minimal-any" ? [any] : []), ...(extendedError === undefined ? [] : [reason])];
  });
}
