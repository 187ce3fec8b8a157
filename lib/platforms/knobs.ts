import { type NodeDescription, PROCESSORS_RANGE } from "../model/node.js";
import { CONNECTIONS_RANGE } from "../model/node-connections.js";
import { integer } from "../terraform/fields.js";
import { optional } from "../terraform/schema.js";

/** The schemas of what every kind of node lets users set of its load. */
export const KNOBS = {
  processors: optional(integer(PROCESSORS_RANGE.fewest, PROCESSORS_RANGE.most)),
  maxConnections: optional(integer(CONNECTIONS_RANGE.fewest, CONNECTIONS_RANGE.most)),
};

/** What of this is set. */
export function knobsOf({
  processors,
  maxConnections,
}: {
  readonly processors: number | undefined;
  readonly maxConnections: number | undefined;
}): Pick<NodeDescription, "processors" | "maxConnections"> {
  return {
    ...(processors === undefined ? {} : { processors }),
    ...(maxConnections === undefined ? {} : { maxConnections }),
  };
}
