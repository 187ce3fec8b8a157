import type { Guest } from "./guest.js";

/** When a unit began to start, and when it had started: microseconds of the boot. */
export interface Start {
  readonly began: number;
  readonly done: number;
}

/** What a guest tells of its boot. */
export interface BootReport {
  readonly starts: ReadonlyMap<string, Start>;
  /** The units that have failed. */
  readonly failed: string;
  /** The lines of our units. */
  readonly said: readonly string[];
  /** The lines of the kernel that tell of something forbidden, or of a program that crashed. */
  readonly complaints: readonly string[];
  readonly sysctls: string;
}

const PROPERTIES = "Id,InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic";
const SYSCTLS = ["net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.all.arp_announce"];
const PAUSE = "-- next --";

/** Asks for all of it at once: each SSH connection takes a second of a guest's processor. */
const SCRIPT = `
systemctl show --property=${PROPERTIES} systemd-sysctl.service network.target network-online.target 'dns-lb-*.service'
echo '${PAUSE}'
systemctl list-units --failed --no-legend --plain
echo '${PAUSE}'
journalctl --boot --no-pager --output=cat --unit 'dns-lb-*'
echo '${PAUSE}'
journalctl --boot --no-pager --output=cat --dmesg --grep 'apparmor="DENIED"|segfault|general protection|invalid opcode' || :
echo '${PAUSE}'
sysctl -n ${SYSCTLS.join(" ")}`;

/** Reads what became of the last boot. */
export async function bootReport(guest: Guest): Promise<BootReport> {
  const { stdout } = await guest.mustExec(["sh", "-c", SCRIPT]);
  const [shown = "", failed = "", said = "", complaints = "", sysctls = ""] = stdout
    .split(`${PAUSE}\n`)
    .map((part) => part.trim());
  const lines = (text: string) => text.split("\n").filter((line) => line !== "" && !/^-- .* --$/.test(line));
  return {
    starts: new Map(shown.split("\n\n").map(startOf)),
    failed,
    said: lines(said),
    complaints: lines(complaints),
    sysctls,
  };
}

function startOf(text: string): [string, Start] {
  const values = new Map(text.split("\n").map((line) => line.split("=", 2) as [string, string]));
  const time = (name: string) => Number(values.get(`${name}TimestampMonotonic`));
  const name = (values.get("Id") ?? "").replace(/\.service$/, "");
  return [name, { began: time("InactiveExit"), done: time("ActiveEnter") }];
}
