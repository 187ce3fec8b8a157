import { type DaemonVersion, type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../model/platform-profile.js";

/** The features of a node's daemons, so that no other file compares versions. */
export interface NodeFeatures {
  /** keepalived's config test supports check scripts of another user; before 2.3 the test crashes on them. */
  readonly checksOfOtherUser: boolean;
  /** unbound can keep its cache over a reload. */
  readonly reloadKeepsCache: boolean;
  /** NSD reads the client's address from PROXY headers. */
  readonly nsdProxyProtocol: boolean;
  /** dnsdist answers ANY with a record of another type; before, it would answer with one of type ANY. */
  readonly minimalAny: boolean;
  /** dnsdist adds reasons to its own answers (RFC 8914). */
  readonly extendedErrors: boolean;
  /** dnsdist's own answers have the class of the query; before, they would always have IN. */
  readonly answersInClass: boolean;
  /** HAProxy limits the time of a TLS handshake by itself, not by the time that a client may be idle. */
  readonly handshakeTimeout: boolean;
  /** HAProxy holds back what it sends to a client, on connections that are open. */
  readonly bandwidthLimits: boolean;
  /** BIRD's sessions with a password say how it authenticates them, and warn where they do not. */
  readonly namesAuthentication: boolean;
}

/** Where a feature begins, and what users notice of it. */
interface FeatureStart {
  readonly daemon: keyof DaemonVersions;
  readonly version: DaemonVersion;
  /** What needs it, in Markdown. */
  readonly what: string;
  /** What happens with an older version, in Markdown. */
  readonly older: string;
}

/** The first version of a daemon that has a feature. docs/daemons.md shows it as a table. */
export const FEATURE_SINCE = {
  checksOfOtherUser: {
    ...{ daemon: "keepalived", version: "2.3" },
    what: "the check of the watch without root's rights",
    older: "it runs as root",
  },
  reloadKeepsCache: {
    ...{ daemon: "unbound", version: "1.18" },
    what: "a change of an `UnboundServer` that keeps its cache",
    older: "the cache is empty after it",
  },
  nsdProxyProtocol: {
    ...{ daemon: "nsd", version: "4.8" },
    what: '`clientAddress: "proxy-protocol"` of an `NsdServer`',
    older: "refused (DNSLB125)",
  },
  minimalAny: {
    ...{ daemon: "dnsdist", version: "1.9" },
    what: "`AccessRule.minimalAny()`",
    older: "refused (DNSLB024)",
  },
  extendedErrors: {
    ...{ daemon: "dnsdist", version: "1.9" },
    what: "`extendedError` of `AccessRule.refuse()`; the reason when no server is left",
    older: "refused (DNSLB024); no reason",
  },
  answersInClass: {
    ...{ daemon: "dnsdist", version: "1.9" },
    what: "`identity` of load balancers",
    older: "refused (DNSLB024)",
  },
  handshakeTimeout: {
    ...{ daemon: "haproxy", version: "3.0" },
    what: "5 s for a TLS handshake",
    older: "as long as a client may be idle",
  },
  bandwidthLimits: {
    ...{ daemon: "haproxy", version: "3.0" },
    what: "`bytesOut` of `RateLimit.perClient()` on open connections",
    older: "new connections of a client beyond it are closed",
  },
  namesAuthentication: {
    ...{ daemon: "bird", version: "2.16" },
    what: "the kind of authentication beside the `password` of a neighbor",
    older: "it is TCP MD5 without a word",
  },
} as const satisfies Readonly<Record<keyof NodeFeatures, FeatureStart>>;

/** The features of the daemons in these versions. */
export function featuresOf(versions: DaemonVersions): NodeFeatures {
  const has = (feature: keyof NodeFeatures) => {
    const { daemon, version } = FEATURE_SINCE[feature];
    const own = versions[daemon];
    return own !== undefined && compare(own, version) >= 0;
  };
  return {
    checksOfOtherUser: has("checksOfOtherUser"),
    reloadKeepsCache: has("reloadKeepsCache"),
    nsdProxyProtocol: has("nsdProxyProtocol"),
    minimalAny: has("minimalAny"),
    extendedErrors: has("extendedErrors"),
    answersInClass: has("answersInClass"),
    handshakeTimeout: has("handshakeTimeout"),
    bandwidthLimits: has("bandwidthLimits"),
    namesAuthentication: has("namesAuthentication"),
  };
}

/** Whether a version of a daemon is among the tested ones, older or newer. */
export type VersionStanding = "tested" | "older" | "newer";

/** Compares a version with the tested range, from Debian 12's to Debian 13's, of which both ends are tested. */
export function standingOf(daemon: keyof DaemonVersions, version: DaemonVersion): VersionStanding {
  if (compare(version, DEBIAN_12[daemon]) < 0) return "older";
  return compare(version, DEBIAN_13[daemon]) > 0 ? "newer" : "tested";
}

/** The range of tested versions, for messages: `2.6 to 3.0`. */
export function testedVersions(daemon: keyof DaemonVersions): string {
  return `${oldestVersion(daemon)} to ${DEBIAN_13[daemon]}`;
}

/** The oldest supported version. */
export function oldestVersion(daemon: keyof DaemonVersions): DaemonVersion {
  return DEBIAN_12[daemon];
}

/** Tells whether a version is older than another. */
export function isOlder(version: DaemonVersion, than: DaemonVersion): boolean {
  return compare(version, than) < 0;
}

/** Below zero where the first is older. Numbers compare as numbers: 1.9 is older than 1.10. */
function compare(one: DaemonVersion, other: DaemonVersion): number {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [numbersOf(one), numbersOf(other)];
  return major - otherMajor || minor - otherMinor;
}

function numbersOf(version: DaemonVersion): readonly number[] {
  return version.split(".").map(Number);
}
