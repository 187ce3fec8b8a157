import type { Problem } from "../core/errors.js";

/** A pair of an app, with the networks of its nodes. */
export interface VirtualRouter {
  /** The construct path of the pair. */
  readonly path: string;
  readonly virtualRouterId: number;
  readonly networks: readonly string[];
}

/** DNSLB005: two pairs of an app with the same virtual router id on one network. Returns the problems of `router`. */
export function virtualRouterIds(router: VirtualRouter, others: readonly VirtualRouter[]): readonly Problem[] {
  return others
    .filter(({ path, virtualRouterId, networks }) => {
      const shared = networks.some((network) => router.networks.includes(network));
      return path < router.path && virtualRouterId === router.virtualRouterId && shared;
    })
    .map(({ path }) => ({
      code: "DNSLB005",
      property: "virtualRouterId",
      message: `must be unique on a network, got ${router.virtualRouterId}, which ${path} uses already; choose another between 1 and 255`,
    }));
}
