import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type RootContents, removeAbandoned } from "../../scripts/debian/root.js";
import { ensureInstalled } from "../e2e/engine/install.js";
import { mustRun } from "../e2e/run.js";
import { KeptRoot } from "./kept-root.js";
import { PROXY } from "./network.js";
import { EVERYWHERE, type Suite } from "./root.js";

/** The Debian packages by which the disks of guests are made. */
export const GUEST_PACKAGES = ["dosfstools", "e2fsprogs", "mtools"] as const;

/** What Debian's own cloud images have, and Perl, which keepalived brings. Nothing else of it is what a node needs. */
const PACKAGES = [
  ...["apparmor", "cloud-init", "e2fsprogs", "libpam-systemd", "linux-image-cloud-amd64", "netplan.io"],
  ...["perl", "systemd-resolved"],
];

/** Units that only delay the boot, which no processor speeds up, or take apt's lock at a time of their own. */
const MASKED = [
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer"],
  ...["e2scrub_reap.service", "getty@tty1.service", "ldconfig.service", "serial-getty@ttyS0.service"],
  ...["systemd-binfmt.service", "systemd-firstboot.service", "systemd-hwdb-update.service"],
];

const DISK_SIZE = "3G";

/** The disk that a guest begins with, and the kernel that it boots. */
export interface GuestImage {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

function contents(): RootContents {
  return {
    packages: [...EVERYWHERE, ...PACKAGES].sort(),
    script: `
rm -f /usr/sbin/policy-rc.d /etc/ssh/ssh_host_* /etc/machine-id /var/lib/dbus/machine-id
touch /etc/machine-id /etc/.updated /var/.updated
mkdir -p /var/log/journal
printf '/dev/vda / ext4 errors=remount-ro 0 1\\n' > /etc/fstab
printf 'Acquire::http::Proxy "${PROXY}";\\nAcquire::Languages "none";\\n' > /etc/apt/apt.conf.d/01guest
printf '%s\\n' 'datasource_list: [NoCloud]' 'apt: { preserve_sources_list: true }' 'growpart: { mode: "off" }' \\
  'resize_rootfs: false' > /etc/cloud/cloud.cfg.d/90-guest.cfg
for unit in ${MASKED.join(" ")}; do ln -s /dev/null /etc/systemd/system/$unit; done
systemctl enable ssh.service systemd-networkd.service systemd-resolved.service
printf 'MODULES=list\\n' > /etc/initramfs-tools/conf.d/guest
printf '%s\\n' virtio_pci virtio_blk ext4 >> /etc/initramfs-tools/modules
update-initramfs -u -k all`,
  };
}

/** Makes the image of a suite, unless it is there. */
export async function provideGuestImage(suite: Suite): Promise<GuestImage> {
  const root = new KeptRoot("guest", suite, contents());
  const folder = await root.provide();
  // Below the root, since it goes with it.
  const disk = join(folder, "var", "guest.img");
  if (!existsSync(disk)) await makeDisk(folder, disk);
  const boot = (name: string) => {
    const found = readdirSync(join(folder, "boot")).find((entry) => entry.startsWith(name));
    if (found === undefined) throw new Error(`${folder} has no ${name}`);
    return join(folder, "boot", found);
  };
  return { disk, kernel: boot("vmlinuz-"), initrd: boot("initrd.img-") };
}

async function makeDisk(root: string, disk: string): Promise<void> {
  await ensureInstalled(GUEST_PACKAGES);
  removeAbandoned(root);
  const made = `${root}.new-${process.pid}`;
  try {
    await mustRun(["mkfs.ext4", "-q", "-F", "-L", "root", "-d", root, made, DISK_SIZE]);
    renameSync(made, disk);
  } finally {
    rmSync(made, { force: true });
  }
}
