import type { SSHProvisionerConnection } from "cdktf";

/** A folder in the home directory of the user, which nobody else can read. */
export const FOLDER = ".dns-lb";

/** How the names of scripts begin that Terraform leaves, empty, where it ran them. */
const SCRIPT = `${FOLDER}/script-`;

/** How commands get the rights that they need. */
export interface Rights {
  /** What stands before a command that needs root. */
  readonly root: string;
}

/** The rights of a user on the host. */
export function rightsOf(user: string): Rights {
  // It never asks: nobody could answer.
  return { root: user === "root" ? "" : "sudo -n " };
}

/**
 * Commands that run on the host, up to the first one that fails. Terraform lets everybody write the script that it is about
 * to run: it lies where nobody else gets.
 */
export function remotely(connection: SSHProvisionerConnection, commands: readonly string[]) {
  return {
    type: "remote-exec" as const,
    inline: ["set -eu", `rm -f ${SCRIPT}*.sh`, ...commands],
    connection: { ...connection, scriptPath: `${SCRIPT}%RAND%.sh` },
  };
}

/** Makes that folder; what may come before it runs from the home directory. */
export function makeFolder() {
  return {
    type: "remote-exec" as const,
    inline: ["set -eu", "rm -f ./.dns-lb-script-*.sh", "umask 077", `mkdir -p ${FOLDER}`],
  };
}
