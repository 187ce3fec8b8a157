import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { LabError } from "./errors.js";

/*
 * Each process gets a mount namespace of its own, so that its mounts end with it, and several labs can use one root.
 * The root is mounted read-only. Of this machine it sees what the kernel shows, /run and /tmp, where the lab's files
 * and those of tests are, and the folder of the lab's programs; that one lies below /var/lib, which is covered by an
 * empty file system to have a place for it. What this machine unmounts is unmounted there too (slave): a network namespace
 * that is deleted would live on in it otherwise.
 */
const SCRIPT = `
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
for shown in proc sys dev; do mount --rbind "/$shown" "$1/$shown"; done
for shared in run tmp; do mount --bind "/$shared" "$1/$shared"; done
mount -t tmpfs -o mode=755 tmpfs "$1/var/lib"
if [ -n "$2" ]; then
  mkdir "$1$2"
  mount --bind "$2" "$1$2"
fi
root=$1
shift 2
exec chroot "$root" "$@"
`;

/** The programs of this machine that start a program in a root, each with its Debian package. */
export const ROOT_TOOLS: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  mount: "mount",
  chroot: "coreutils",
};

/** Refuses what cannot be the root of a Debian system. */
export function checkRoot(root: string): void {
  const folders = ["", "/proc", "/sys", "/dev", "/run", "/tmp", "/usr", "/var/lib"];
  const absent = folders.find((folder) => !isFolder(root + folder));
  if (isAbsolute(root) && root !== "/" && absent === undefined) return;
  throw new LabError(
    `the root of a lab must be the absolute path of a folder with a Debian system, as debootstrap makes it, got ${JSON.stringify(root)}${isAbsolute(root) && absent !== undefined ? `, which has no folder "${absent || "/"}"` : ""}`,
  );
}

/** The command that runs a command with the programs of a root, which it cannot change; it sees `folder`, too. */
export function rooted(root: string, argv: readonly string[], folder = ""): string[] {
  const unshare = ["unshare", "--mount", "--propagation", "slave", "--"];
  return [...unshare, "sh", "-eu", "-c", SCRIPT, "sh", root, folder, ...argv];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
