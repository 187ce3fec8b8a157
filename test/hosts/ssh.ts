import { USER } from "./root.js";

/** How the operator gets into a machine. */
export interface SshAccess {
  readonly address: string;
  /** The file with the private key for its user. */
  readonly clientKey: string;
  /** The file of the host keys that are believed. */
  readonly knownHosts: string;
  /** Seconds until it must have greeted. */
  readonly timeout: number;
}

/** The argument list that runs a command line in a machine, as its user; `options` come before all others. */
export function sshArguments(access: SshAccess, words: readonly string[], options: readonly string[] = []) {
  const { address, clientKey, knownHosts, timeout } = access;
  const strict = ["StrictHostKeyChecking=yes", `UserKnownHostsFile=${knownHosts}`, "BatchMode=yes", "LogLevel=ERROR"];
  const more = [`ConnectTimeout=${timeout}`, "IdentitiesOnly=yes"];
  const argv = ["ssh", "-F", "none", "-i", clientKey];
  // ssh takes the first that it is given.
  for (const option of [...options, ...strict, ...more]) argv.push("-o", option);
  return [...argv, `${USER}@${address}`, "--", ...words];
}
