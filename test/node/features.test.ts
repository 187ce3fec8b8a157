import { expect, test } from "vitest";
import { type DaemonVersion, type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../../lib/model/platform-profile.js";
import { featuresOf, standingOf, testedVersions, type VersionStanding } from "../../lib/node/features.js";

test("Debian's generations have the features that were seen on them", () => {
  const all = (has: boolean) => ({
    checksOfOtherUser: has,
    reloadKeepsCache: has,
    nsdProxyProtocol: has,
    handshakeTimeout: has,
    answersInClass: has,
    bandwidthLimits: has,
    minimalAny: has,
    extendedErrors: has,
    namesAuthentication: has,
  });
  expect(featuresOf(DEBIAN_12)).toEqual(all(false));
  expect(featuresOf(DEBIAN_13)).toEqual(all(true));
});

test.each<[versions: Partial<DaemonVersions>, nsdProxyProtocol: boolean]>([
  [{ nsd: "4.7" }, false],
  [{ nsd: "4.8" }, true],
  [{ nsd: "4.10" }, true],
  [{ nsd: "5.0" }, true],
])("versions between and beyond have what their numbers say: %j", (versions, nsdProxyProtocol) => {
  expect(featuresOf({ ...DEBIAN_12, ...versions }).nsdProxyProtocol).toBe(nsdProxyProtocol);
});

test("BIRD, which only groups need, may be left out", () => {
  const { bird: _, ...others } = DEBIAN_13;
  expect(featuresOf(others)).toEqual({ ...featuresOf(DEBIAN_13), namesAuthentication: false });
});

test.each<[daemon: keyof DaemonVersions, version: DaemonVersion, standing: VersionStanding]>([
  ["haproxy", "2.4", "older"],
  ["haproxy", "2.6", "tested"],
  ["haproxy", "2.10", "tested"],
  ["haproxy", "3.0", "tested"],
  ["haproxy", "3.1", "newer"],
  ["haproxy", "10.0", "newer"],
  ["dnsdist", "1.10", "newer"],
  ["unbound", "1.22", "tested"],
  ["nsd", "4.12", "tested"],
  ["bird", "2.17", "tested"],
  ["bird", "3.1", "newer"],
])("%s %s is %s", (daemon, version, standing) => {
  expect(standingOf(daemon, version)).toBe(standing);
});

test("messages name both ends", () => {
  expect(testedVersions("dnsdist")).toBe("1.7 to 1.9");
});
