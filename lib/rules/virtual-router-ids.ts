import type { Problem } from "../core/errors.js";

/** A pair of an app, and the networks that its nodes stand in. */
export interface VirtualRouter {
  /** The path of its construct. */
  readonly path: string;
  readonly virtualRouterId: number;
  readonly networks: readonly string[];
}

/** DNSLB005: two pairs of an app with one virtual router id on one network. Gives the problems of `router`. */
export function virtualRouterIds(router: VirtualRouter, others: readonly VirtualRouter[]): readonly Problem[] {
  return others
    .filter(({ path, virtualRouterId, networks }) => {
      const shared = networks.some((network) => router.networks.includes(network));
      return path < router.path && virtualRouterId === router.virtualRouterId && shared;
    })
    .map(({ path }) => ({
      code: "DNSLB005",
      property: "virtualRouterId",
      message: `must be unique on a network, got ${router.virtualRouterId}, which ${path} has taken; choose another between 1 and 255`,
    }));
}
