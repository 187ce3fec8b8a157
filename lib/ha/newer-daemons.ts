import type { Frontend } from "../model/frontend.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";
import type { DaemonVersions } from "../model/platform-profile.js";
import { FEATURE_SINCE, featuresOf, type NodeFeatures } from "../node/features.js";
import type { RuleProblem } from "../rules/rule.js";

/** What a property of a frontend needs of the daemons. */
interface Need {
  readonly property: string;
  readonly feature: keyof NodeFeatures;
  /** What the property does. */
  readonly does: string;
}

/** DNSLB024: frontends that need what a daemon of a node is too old for. */
export function newerDaemons(
  { nodes, frontends }: LoadBalancer,
  versionsOf: (node: NodeDescription) => DaemonVersions,
): readonly RuleProblem[] {
  return frontends.flatMap((frontend, index) =>
    needsOf(frontend).flatMap(({ property, feature, does }) =>
      nodes.flatMap((node): readonly RuleProblem[] => {
        const versions = versionsOf(node);
        if (featuresOf(versions)[feature]) return [];
        const { daemon, version } = FEATURE_SINCE[feature];
        const message = `${does}, which needs ${daemon} ${version} or newer, and node "${node.name}" has ${versions[daemon]}`;
        return [{ code: "DNSLB024", part: { kind: "frontend", index }, property, message }];
      }),
    ),
  );
}

function needsOf({ accessRules }: Frontend): readonly Need[] {
  return accessRules.flatMap(({ action, extendedError }, index): readonly Need[] => {
    const property = `accessRules[${index}]`;
    const any: Need = { property, feature: "minimalAny", does: "answers ANY with a record of type HINFO" };
    const reason: Need = { property, feature: "extendedErrors", does: "gives a reason with REFUSED" };
    return [...(action === "minimal-any" ? [any] : []), ...(extendedError === undefined ? [] : [reason])];
  });
}
