import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import { formatProblems } from "../core/errors.js";
import type { DaemonVersion, DaemonVersions } from "../model/platform-profile.js";
import { oldestVersion, standingOf, testedVersions } from "../node/features.js";
import { type Field, field, object, optional } from "../terraform/schema.js";

const DAEMONS = [
  "haproxy",
  "keepalived",
  "dnsdist",
  "unbound",
  "nsd",
  "bird",
] as const satisfies readonly (keyof DaemonVersions)[];

const isVersion = (value: unknown): value is DaemonVersion => typeof value === "string" && /^\d+\.\d+$/.test(value);

/** The schema of the daemons' versions on a node: `DEBIAN_12`, `DEBIAN_13`, or one of them with some replaced. */
export const daemonVersions = object<DaemonVersions>()({
  haproxy: version("haproxy"),
  keepalived: version("keepalived"),
  dnsdist: version("dnsdist"),
  unbound: version("unbound"),
  nsd: version("nsd"),
  bird: optional(version("bird")),
});

function version(daemon: keyof DaemonVersions): Field<DaemonVersion> {
  return field<DaemonVersion>({
    code: "DNSLB126",
    type: "string",
    allowed: `a version from "${oldestVersion(daemon)}" on (tested: ${testedVersions(daemon)})`,
    accepts: (value) => isVersion(value) && standingOf(daemon, value) !== "older",
    fix: (value) => {
      const shorter = /^\d+\.\d+(?=[.-])/.exec(String(value))?.[0];
      return shorter === undefined ? undefined : `give only the major and minor version: "${shorter}"`;
    },
  });
}

/** Prints a warning at synthesis for every daemon that is newer than what this library was tested with. */
export function warnOfNewerVersions(construct: Construct, versions: DaemonVersions): void {
  for (const daemon of DAEMONS) {
    const version = versions[daemon];
    if (version === undefined || standingOf(daemon, version) !== "newer") continue;
    const message = `is ${version}, newer than the tested versions (${testedVersions(daemon)}); configurations are written as for the newest of these, and the node checks them before it applies them`;
    Annotations.of(construct).addWarning(
      formatProblems([{ code: "DNSLB127", property: `versions.${daemon}`, message }]),
    );
  }
}
