import { type DaemonVersion, type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../model/platform-profile.js";

/** What the daemons of a node can do, by name, so that no other file compares versions. */
export interface NodeFeatures {
  /** keepalived's config test survives check scripts of another user: it ends itself for them before 2.3. */
  readonly checksOfOtherUser: boolean;
  /** unbound keeps its cache when it reads its configuration again. */
  readonly reloadKeepsCache: boolean;
  /** NSD takes the client's address from PROXY headers. */
  readonly nsdProxyProtocol: boolean;
}

/** The first version of a daemon that has a feature. */
export const FEATURE_SINCE = {
  checksOfOtherUser: { daemon: "keepalived", version: "2.3" },
  reloadKeepsCache: { daemon: "unbound", version: "1.18" },
  nsdProxyProtocol: { daemon: "nsd", version: "4.8" },
} as const satisfies Readonly<
  Record<keyof NodeFeatures, { readonly daemon: keyof DaemonVersions; readonly version: DaemonVersion }>
>;

/** Turns versions into features, once. */
export function featuresOf(versions: DaemonVersions): NodeFeatures {
  const has = (feature: keyof NodeFeatures) => {
    const { daemon, version } = FEATURE_SINCE[feature];
    return compare(versions[daemon], version) >= 0;
  };
  return {
    checksOfOtherUser: has("checksOfOtherUser"),
    reloadKeepsCache: has("reloadKeepsCache"),
    nsdProxyProtocol: has("nsdProxyProtocol"),
  };
}

/** How a version of a daemon stands to those for which configurations are made and tested. */
export type VersionStanding = "tested" | "older" | "newer";

/** Judges a version: those from Debian 12's to Debian 13's have been tested at both ends. */
export function standingOf(daemon: keyof DaemonVersions, version: DaemonVersion): VersionStanding {
  if (compare(version, DEBIAN_12[daemon]) < 0) return "older";
  return compare(version, DEBIAN_13[daemon]) > 0 ? "newer" : "tested";
}

/** The versions that are tested, for messages: `2.6 to 3.0`. */
export function testedVersions(daemon: keyof DaemonVersions): string {
  return `${oldestVersion(daemon)} to ${DEBIAN_13[daemon]}`;
}

/** The oldest version that configurations are made for. */
export function oldestVersion(daemon: keyof DaemonVersions): DaemonVersion {
  return DEBIAN_12[daemon];
}

/** Below zero where the first is older. Numbers compare as numbers: 1.9 is older than 1.10. */
function compare(one: DaemonVersion, other: DaemonVersion): number {
  return one.localeCompare(other, "en", { numeric: true });
}
