import type { Machine } from "./machine.js";

/** How exposed a unit is: 0 is not at all, 10 entirely. */
export interface Exposure {
  readonly unit: string;
  readonly exposure: number;
}

/** What systemd says of the exposure of our units. */
export async function exposures(machine: Machine): Promise<readonly Exposure[]> {
  const { stdout } = await machine.mustExec(["systemd-analyze", "security", "--no-pager", ...(await unitsOf(machine))]);
  return [...stdout.matchAll(/Overall exposure level for (dns-lb-[a-z]+)\.service: ([\d.]+) /g)].map(
    ([, unit = "", exposure]) => ({ unit, exposure: Number(exposure) }),
  );
}

/** What systemd finds fault with in our units. */
export async function faultsOfUnits(machine: Machine): Promise<string> {
  const paths = (await unitsOf(machine)).map((unit) => `/etc/systemd/system/${unit}`);
  const { code, stdout, stderr } = await machine.exec(["systemd-analyze", "verify", "--man=no", ...paths]);
  return `${stdout}${stderr}${code === 0 ? "" : `ended with ${code}`}`;
}

/** What is there of ours: units, and paths that are ours alone. */
export async function leftOn(machine: Machine): Promise<string> {
  const units = ["systemctl", "list-units", "--all", "--no-legend", "dns-lb-*"];
  const paths = ["find", "/usr/libexec/dns-lb", "/var/lib/dns-lb", "/etc/sysctl.d/60-dns-lb.conf", "-maxdepth", "0"];
  return (await machine.mustExec(units)).stdout + (await machine.exec(paths)).stdout;
}

async function unitsOf(machine: Machine): Promise<readonly string[]> {
  const { stdout } = await machine.mustExec(["sh", "-c", "cd /etc/systemd/system && ls dns-lb-*.service"]);
  return stdout.trim().split("\n");
}
