import type { RootContents } from "../../scripts/debian/root.js";
import { ensureInstalled } from "../e2e/engine/install.js";
import { KeptRoot } from "./kept-root.js";

/** The releases of Debian that machines are tried with. */
export const SUITES = ["trixie", "bookworm"] as const;

export type Suite = (typeof SUITES)[number];

/** The user that SSH connections are for. */
export const USER = "debian";

export const EVERYWHERE = ["ca-certificates", "dbus", "iproute2", "openssh-server", "procps", "sudo", "systemd-sysv"];

/* What clouds have, and what an installation from Debian's own medium has. Neither brings what a node needs. */
const BY_SUITE: Readonly<Record<Suite, readonly string[]>> = {
  trixie: ["cloud-init", "libpam-systemd", "systemd-resolved"],
  bookworm: ["ifupdown"],
};

/** Units that only delay the boot or take apt's lock at a time of their own. */
const MASKED = [
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer"],
  ...["console-getty.service", "e2scrub_reap.service", "systemd-firstboot.service", "systemd-hwdb-update.service"],
  ...["systemd-update-done.service", "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service"],
];

/** What is done on one release alone. */
const SCRIPTS: Readonly<Record<Suite, string>> = {
  trixie: `
systemctl enable systemd-networkd.service systemd-resolved.service
printf '%s\\n' 'datasource_list: [NoCloud, None]' 'ssh_deletekeys: false' 'ssh_genkeytypes: []' \\
  'apt: { preserve_sources_list: true }' > /etc/cloud/cloud.cfg.d/90-machine.cfg`,
  bookworm: "systemctl enable networking.service",
};

function contentsOf(suite: Suite): RootContents {
  return {
    packages: [...EVERYWHERE, ...BY_SUITE[suite]].sort(),
    script: `
rm -f /usr/sbin/policy-rc.d /etc/ssh/ssh_host_*
useradd --create-home --shell /bin/bash ${USER}
printf '${USER} ALL=(ALL) NOPASSWD:ALL\\n' > /etc/sudoers.d/90-${USER}
chmod 440 /etc/sudoers.d/90-${USER}
install -d -m 700 -o ${USER} -g ${USER} /home/${USER}/.ssh
mkdir -p /var/log/journal
for unit in ${MASKED.join(" ")}; do ln -s /dev/null /etc/systemd/system/$unit; done
systemctl enable ssh.service
${SCRIPTS[suite]}
`,
  };
}

/** Makes the roots that machines of some suites begin with, unless they are there. No machine changes them. */
export async function provideMachineRoots(suites: readonly Suite[]): Promise<ReadonlyMap<Suite, string>> {
  const wanted = [...new Set(suites)].map((suite) => ({
    suite,
    root: new KeptRoot("machine", suite, contentsOf(suite)),
  }));
  if (wanted.some(({ root }) => !root.isComplete)) await ensureInstalled(["debootstrap", "debian-archive-keyring"]);
  return new Map(await Promise.all(wanted.map(async ({ suite, root }) => [suite, await root.provide()] as const)));
}
