import type { DaemonVersion, DaemonVersions } from "../../model/platform-profile.js";
import { oldestVersion, standingOf } from "../../node/features.js";
import { command } from "./command.js";
import { LabError } from "./errors.js";

interface Question {
  readonly argv: readonly string[];
  /** Its first group is the version. */
  readonly pattern: RegExp;
}

const QUESTIONS: Readonly<Record<keyof DaemonVersions, Question>> = {
  haproxy: { argv: ["haproxy", "-v"], pattern: /version (\d+\.\d+)/ },
  keepalived: { argv: ["keepalived", "--version"], pattern: /Keepalived v(\d+\.\d+)/ },
  dnsdist: { argv: ["dnsdist", "--version"], pattern: /dnsdist (\d+\.\d+)/ },
  unbound: { argv: ["unbound", "-V"], pattern: /Version (\d+\.\d+)/ },
  nsd: { argv: ["nsd", "-v"], pattern: /NSD version (\d+\.\d+)/ },
};

async function ask(daemon: keyof DaemonVersions): Promise<DaemonVersion> {
  const { argv, pattern } = QUESTIONS[daemon];
  const { stdout, stderr } = await command(argv, { mayFail: true });
  const version = pattern.exec(stdout + stderr)?.[1] as DaemonVersion | undefined;
  if (version !== undefined && standingOf(daemon, version) !== "older") return version;
  throw new LabError(
    `${daemon} ${version ?? "does not tell its version and"} is not a version that this library supports (${oldestVersion(daemon)} or newer); pass 'versions' to run the lab all the same`,
  );
}

/** The versions of the daemons that are installed here. Throws if one of them is older than what is supported. */
export async function installedVersions(): Promise<DaemonVersions> {
  const [haproxy, keepalived, dnsdist, unbound, nsd] = await Promise.all([
    ask("haproxy"),
    ask("keepalived"),
    ask("dnsdist"),
    ask("unbound"),
    ask("nsd"),
  ]);
  return { haproxy, keepalived, dnsdist, unbound, nsd };
}
