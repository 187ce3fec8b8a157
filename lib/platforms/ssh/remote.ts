import { SCRIPTS } from "./ssh-connection.js";

/** A folder in the home directory of the user, which nobody else can read. */
export const FOLDER = ".dns-lb";

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

/** Commands that run on the host, up to the first one that fails. */
export function remotely(commands: readonly string[]) {
  return { type: "remote-exec" as const, inline: ["set -eu", `rm -f ./${SCRIPTS}*.sh`, ...commands] };
}
