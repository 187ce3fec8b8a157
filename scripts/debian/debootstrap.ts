import { command } from "../../lib/testing/lab/command.js";

/* In namespaces of its own, so that nothing runs on and nothing stays mounted, however this process ends. */
const ISOLATED = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

/** Makes a minimal Debian system in a folder, from the package mirror that this machine uses. Needs root, and debootstrap. */
export async function debootstrap(suite: string, folder: string): Promise<void> {
  const mirror = await packageMirror();
  await command([...ISOLATED, "debootstrap", "--variant=minbase", suite, folder, mirror]);
}

/** Installs packages in a Debian system in a folder, and starts none of their daemons. */
export async function installInto(folder: string, packages: readonly string[]): Promise<void> {
  const { stdout: proxy } = await command(["apt-config", "shell", "proxy", "Acquire::http::Proxy"]);
  const script = `${proxy}
mount -t proc proc "$1/proc"
printf '#!/bin/sh\\nexit 101\\n' > "$1/usr/sbin/policy-rc.d"
chmod 755 "$1/usr/sbin/policy-rc.d"
root=$1
shift
settings="$root/etc/apt/apt.conf.d/99lab"
[ -z "\${proxy:-}" ] || printf 'Acquire::http::Proxy "%s";\\n' "$proxy" > "$settings"
chroot "$root" apt-get -q update
chroot "$root" apt-get -q -y --no-install-recommends install "$@"
chroot "$root" apt-get clean
rm -rf "$settings" "$root"/var/lib/apt/lists/*
`;
  await command([...ISOLATED, "sh", "-eu", "-c", script, "sh", folder, ...packages], {
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
}

/** Runs a script for `sh -eu` in a Debian system in a folder. */
export async function runInside(folder: string, script: string): Promise<void> {
  await command([...ISOLATED, "chroot", folder, "sh", "-eu", "-c", script]);
}

async function packageMirror(): Promise<string> {
  const format = ["SITE", "REPO_URI", "LABEL", "COMPONENT"].map((field) => `$(${field})`).join("|");
  const { stdout } = await command(["apt-get", "indextargets", "--format", format, "Created-By: Packages"]);
  for (const line of stdout.split("\n")) {
    const [, uri, label, component] = line.split("|");
    if (uri?.startsWith("http") && label === "Debian" && component === "main") return uri;
  }
  throw new Error("apt on this machine has no Debian mirror: its sources name none, or 'apt-get update' never ran");
}
