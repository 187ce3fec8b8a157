import type { DaemonVersion, DaemonVersions } from "../../model/platform-profile.js";
import { oldestVersion, standingOf } from "../../node/features.js";
import { command } from "./command.js";
import { LabError } from "./errors.js";
import { findProgram } from "./requirements.js";
import { rooted } from "./root.js";

interface VersionCommand {
  readonly argv: readonly string[];
  /** The pattern of the output; its first group is the version. */
  readonly pattern: RegExp;
}

const VERSION_COMMANDS: Readonly<Record<keyof DaemonVersions, VersionCommand>> = {
  haproxy: { argv: ["haproxy", "-v"], pattern: /version (\d+\.\d+)/ },
  keepalived: { argv: ["keepalived", "--version"], pattern: /Keepalived v(\d+\.\d+)/ },
  dnsdist: { argv: ["dnsdist", "--version"], pattern: /dnsdist (\d+\.\d+)/ },
  unbound: { argv: ["unbound", "-V"], pattern: /Version (\d+\.\d+)/ },
  nsd: { argv: ["nsd", "-v"], pattern: /NSD version (\d+\.\d+)/ },
  bird: { argv: ["bird", "--version"], pattern: /BIRD version (\d+\.\d+)/ },
};

/**
 * The version of a daemon on this machine, or in the Debian system in the folder `root`. Throws if it is older than the
 * oldest supported version; `fix` is the end of the message.
 */
export async function installedVersion(
  daemon: keyof DaemonVersions,
  root?: string,
  fix = "; pass 'versions' to run the lab all the same",
): Promise<DaemonVersion> {
  const { argv, pattern } = VERSION_COMMANDS[daemon];
  const { stdout, stderr } = await command(root === undefined ? argv : rooted(root, argv), {
    mayFail: true,
  });
  const version = pattern.exec(stdout + stderr)?.[1] as DaemonVersion | undefined;
  if (version !== undefined && standingOf(daemon, version) !== "older") return version;
  throw new LabError(
    `${daemon} ${version ?? "does not tell its version and"} is not a version that this library supports (${oldestVersion(daemon)} or newer)${fix}`,
  );
}

/**
 * The versions of the daemons on this machine, or in the Debian system in the folder `root`; without that of BIRD, which
 * only groups need, where it is not installed. Throws if one is older than the oldest supported version.
 */
export async function installedVersions(root?: string): Promise<DaemonVersions> {
  const [haproxy, keepalived, dnsdist, unbound, nsd, bird] = await Promise.all([
    installedVersion("haproxy", root),
    installedVersion("keepalived", root),
    installedVersion("dnsdist", root),
    installedVersion("unbound", root),
    installedVersion("nsd", root),
    findProgram("bird", root) === undefined ? undefined : installedVersion("bird", root),
  ]);
  return { haproxy, keepalived, dnsdist, unbound, nsd, ...(bird === undefined ? {} : { bird }) };
}
