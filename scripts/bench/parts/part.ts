import type { Bound } from "../bounds.js";
import type { Results } from "../results.js";
import type { Site, Surroundings } from "../site.js";

interface PartBase {
  /** A word, for `--only`, and the first part of the names of its figures. */
  readonly name: string;
  readonly title: string;
  readonly bounds: readonly Bound[];
}

/** A part of the bench that measures the load balancer beside its peers; they are started once for all such parts. */
export interface PeerPart extends PartBase {
  readonly among: "peers";
  measure(site: Site, around: Surroundings): Promise<Results>;
}

/** A part of the bench that starts what it measures itself. */
export interface OwnPart extends PartBase {
  readonly among: "own";
  measure(around: Surroundings): Promise<Results>;
}

export type Part = PeerPart | OwnPart;
