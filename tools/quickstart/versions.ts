import { command } from "../../lib/testing/lab/command.js";

const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  haproxy: ["haproxy", "-v"],
  dnsdist: ["dnsdist", "--version"],
  keepalived: ["keepalived", "--version"],
  unbound: ["unbound", "-V"],
  nsd: ["nsd", "-v"],
};

/** How the daemon of groups tells its version. */
export const BIRD: typeof QUESTIONS = { bird: ["bird", "--version"] };

/** The versions of the daemons that are installed here, and of some that not all need. */
export async function daemonVersions(more: typeof QUESTIONS = {}): Promise<Readonly<Record<string, string>>> {
  const versions = Object.entries({ ...QUESTIONS, ...more }).map(
    async ([daemon, argv]) => [daemon, await versionOf(argv)] as const,
  );
  return Object.fromEntries(await Promise.all(versions));
}

/** Shows versions in one line. */
export function showVersions(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([daemon, version]) => `${daemon} ${version}`)
    .join(", ");
}

async function versionOf(argv: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await command(argv, { mayFail: true });
    return /\d+\.\d+(\.\d+)*/.exec(stdout + stderr)?.[0] ?? "unknown";
  } catch {
    return "not installed";
  }
}
