import type { DaemonVersions } from "../model/platform-profile.js";

/** What the daemons of a node can do, by name, so that no other file compares versions. */
export interface NodeFeatures {
  /** keepalived's config test survives check scripts of another user: it ends itself for them before 2.3. */
  readonly checksOfOtherUser: boolean;
  /** unbound keeps its cache when it reads its configuration again. */
  readonly reloadKeepsCache: boolean;
  /** NSD takes the client's address from PROXY headers. */
  readonly nsdProxyProtocol: boolean;
}

/** Turns versions into features, once. */
export function featuresOf(versions: DaemonVersions): NodeFeatures {
  return {
    checksOfOtherUser: versions.keepalived !== "2.2",
    reloadKeepsCache: versions.unbound !== "1.17",
    nsdProxyProtocol: versions.nsd !== "4.6",
  };
}
