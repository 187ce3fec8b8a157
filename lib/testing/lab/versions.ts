import { type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../../model/platform-profile.js";
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

function known<D extends keyof DaemonVersions>(daemon: D, version: string): DaemonVersions[D] {
  const choices = [DEBIAN_12[daemon], DEBIAN_13[daemon]];
  const found = choices.find((choice) => choice === version);
  if (found !== undefined) return found;
  throw new LabError(
    `${daemon} ${version === "" ? "does not tell its version" : version} is not a version that this library knows (${choices.join(", ")}); pass 'versions' to run the lab all the same`,
  );
}

async function ask(daemon: keyof DaemonVersions): Promise<string> {
  const { argv, pattern } = QUESTIONS[daemon];
  const { stdout, stderr } = await command(argv, { mayFail: true });
  return pattern.exec(stdout + stderr)?.[1] ?? "";
}

/** The versions of the daemons that are installed here. Throws if one of them is none that the compiler knows. */
export async function installedVersions(): Promise<DaemonVersions> {
  const [haproxy, keepalived, dnsdist, unbound, nsd] = await Promise.all([
    ask("haproxy"),
    ask("keepalived"),
    ask("dnsdist"),
    ask("unbound"),
    ask("nsd"),
  ]);
  return {
    haproxy: known("haproxy", haproxy),
    keepalived: known("keepalived", keepalived),
    dnsdist: known("dnsdist", dnsdist),
    unbound: known("unbound", unbound),
    nsd: known("nsd", nsd),
  };
}
