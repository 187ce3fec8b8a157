import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureInstalled } from "../e2e/engine/install.js";
import { isAlive, killProcess, type ProcessId, processId } from "../e2e/engine/process-id.js";
import { mustRun, type RunOptions, type RunResult, run, until } from "../e2e/run.js";
import { enterGroup } from "./control-group.js";
import { GUEST_PACKAGES, type GuestImage, provideGuestImage } from "./guest-image.js";
import type { HostKey, SshKeys } from "./keys.js";
import { childrenOf } from "./machine.js";
import { networkConfig } from "./machine-files.js";
import { addressesOf, type Network } from "./network.js";
import { provideQemu } from "./qemu.js";
import { SUITES, type Suite } from "./root.js";
import { sshArguments } from "./ssh.js";

/** Seconds: far more than each takes on a machine that has nothing else to do. */
const BOOT = 300;
const CLOUD_INIT = 600;
const POWER_OFF = 120;
const GREETING = 20;

/** What providers set: the name of the guest is known to itself, as sudo wants it. There are no languages in the image. */
const VENDOR_DATA = "#cloud-config\nmanage_etc_hosts: true\nlocale: false\n";

/** Makes what the first run alone waits for: packages, QEMU, and the images of both releases. */
export async function prepareGuests(): Promise<void> {
  await ensureInstalled([...GUEST_PACKAGES, "debian-archive-keyring", "debootstrap"]);
  await Promise.all([provideQemu(), ...SUITES.map(provideGuestImage)]);
}

/** A guest of a site. */
export interface GuestPlan {
  readonly name: string;
  readonly suite: Suite;
  /** The last part of its addresses. */
  readonly number: number;
  /** The user-data of cloud-init; what makes it one guest, as its keys, is added. */
  readonly userData: string;
}

/** Where a guest lies. */
export interface GuestPlace {
  readonly network: Network;
  readonly keys: SshKeys;
  /** The folder of all that is the guest's own. */
  readonly directory: string;
  /** The control group of the site. */
  readonly group: string;
}

/** What an instance needs beside its place. */
interface Parts {
  readonly image: GuestImage;
  readonly qemu: Awaited<ReturnType<typeof provideQemu>>;
  readonly hostKey: HostKey;
}

/** A Debian machine with a kernel of its own, whose processor QEMU computes. Its disk stays when its power is cut. */
export class Guest {
  /** As the id of a virtual machine. */
  readonly id = randomBytes(16).toString("hex");
  readonly addresses: readonly [string, string];
  #qemu: ProcessId | undefined;

  private constructor(
    readonly plan: GuestPlan,
    private readonly place: GuestPlace,
    private readonly parts: Parts,
  ) {
    this.addresses = addressesOf(plan.number);
  }

  /** Makes its disks, and a cable on the switch. It is off. */
  static async make(plan: GuestPlan, place: GuestPlace): Promise<Guest> {
    const [image, qemu, hostKey] = await Promise.all([
      provideGuestImage(plan.suite),
      provideQemu(),
      place.keys.host(plan.name),
    ]);
    mkdirSync(place.directory);
    const guest = new Guest(plan, place, { image, qemu, hostKey });
    await guest.#makeDisks();
    await place.network.addTap(guest.#port);
    return guest;
  }

  get name(): string {
    return this.plan.name;
  }

  get address(): string {
    return this.addresses[0];
  }

  get hostKey(): HostKey {
    return this.parts.hostKey;
  }

  get runs(): boolean {
    return this.#qemu !== undefined && isAlive(this.#qemu);
  }

  /** Switches it on, and waits until SSH lets its user in. Gives the seconds that this took. */
  async start(): Promise<number> {
    const started = performance.now();
    await this.powerOn();
    await this.untilReachable();
    return (performance.now() - started) / 1000;
  }

  /** Switches it on. */
  async powerOn(): Promise<void> {
    if (this.runs) throw new Error(`${this.name} runs already`);
    const { network, group } = this.place;
    const { kernel, initrd } = this.parts.image;
    const mac = `52:54:00:00:00:${this.plan.number.toString(16).padStart(2, "0")}`;
    const paths = { disk: this.#path("disk"), seed: this.#path("seed"), console: this.#path("console") };
    const qemu = this.parts.qemu({ ...paths, kernel, initrd, port: this.#port, mac });
    const [program = "", ...args] = network.namespace.inside(enterGroup(join(group, this.name), qemu));
    const log = openSync(this.#path("qemu.log"), "a");
    const child = spawn(program, args, { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    child.unref();
    const { pid } = child;
    if (pid === undefined) throw new Error("cannot start nsenter");
    await until(`QEMU for ${this.name}`, 10, () => {
      this.#qemu = childrenOf(pid).map(processId).find(Boolean);
      return this.#qemu !== undefined;
    });
  }

  /** Waits until SSH lets its user in. */
  async untilReachable(): Promise<void> {
    await until(`SSH to ${this.name}`, BOOT, async () => {
      if (!this.runs) throw new Error(`QEMU has ended:\n${readFileSync(this.#path("qemu.log"), "utf8")}`);
      return (await this.ssh(["true"])).code === 0;
    }).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.console().split("\n").slice(-40).join("\n")}`);
    });
  }

  /** Waits until cloud-init has done all that its user-data says, and fails if it could not. */
  async untilSetUp(): Promise<void> {
    await this.mustExec(["cloud-init", "status", "--wait", "--long"], { timeoutSeconds: CLOUD_INIT });
  }

  /** Boots it anew, and waits until SSH lets its user in. Gives the seconds that this took. */
  async reboot(): Promise<number> {
    const started = performance.now();
    const before = await this.#boot();
    await this.exec(["systemctl", "--no-block", "reboot"]);
    await until(`the next boot of ${this.name}`, BOOT, async () => !["", before].includes(await this.#boot()));
    return (performance.now() - started) / 1000;
  }

  /** Switches it off: its services are stopped in order. */
  async stop(): Promise<void> {
    await this.exec(["systemctl", "--no-block", "poweroff"]);
    await until(`the end of ${this.name}`, POWER_OFF, () => !this.runs);
  }

  /** Cuts its power. What it had not written to its disk is lost. */
  async kill(): Promise<void> {
    const qemu = this.#qemu;
    if (qemu === undefined) throw new Error(`${this.name} is off`);
    killProcess(qemu);
    await until(`the end of ${this.name}`, 10, () => !isAlive(qemu));
  }

  /** Runs a program in it as root. */
  exec(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return run(this.#remote(argv), options);
  }

  /** Like `exec()`, and fails if the program does. */
  mustExec(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return mustRun(this.#remote(argv), options);
  }

  /** Runs a command line in it as its user. */
  ssh(words: readonly string[]): Promise<RunResult> {
    return run(this.#onNetwork(words));
  }

  /** What it has written to its serial console. */
  console(): string {
    return readFileSync(this.#path("console"), "utf8");
  }

  async #boot(): Promise<string> {
    return (await this.ssh(["cat", "/proc/sys/kernel/random/boot_id"])).stdout.trim();
  }

  async #makeDisks(): Promise<void> {
    writeFileSync(this.#path("known_hosts"), `${this.addresses.join(",")} ${this.hostKey.known}\n`);
    const files = {
      "meta-data": `instance-id: ${this.id}\nlocal-hostname: ${this.name}\n`,
      "network-config": `${networkConfig(this).join("\n")}\n`,
      "vendor-data": VENDOR_DATA,
      "user-data": userDataOf(this.plan.userData, this.place.keys, this.hostKey),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(this.#path(name), text);
    const seed = this.#path("seed");
    await mustRun(["mkfs.vfat", "-C", "-n", "CIDATA", seed, "1024"]);
    await mustRun(["mcopy", "-i", seed, ...Object.keys(files).map((name) => this.#path(name)), "::"]);
    await mustRun(["cp", "--sparse=always", "--reflink=auto", this.parts.image.disk, this.#path("disk")]);
  }

  #remote(argv: readonly string[]): readonly string[] {
    return this.#onNetwork(["sudo", ...argv.map(quoted)]);
  }

  #onNetwork(words: readonly string[]): readonly string[] {
    const { network, keys } = this.place;
    const knownHosts = this.#path("known_hosts");
    const access = { address: this.address, clientKey: keys.client, knownHosts, timeout: GREETING };
    return network.namespace.onNetwork(sshArguments(access, words));
  }

  get #port(): string {
    return `m-${this.name}`;
  }

  #path(name: string): string {
    return join(this.place.directory, name);
  }
}

/** Adds what lets the operator in, and what the guest is known by. */
function userDataOf(text: string, keys: SshKeys, hostKey: HostKey): string {
  const key = readFileSync(hostKey.key, "utf8").trimEnd().split("\n");
  return [
    text.trimEnd(),
    `ssh_authorized_keys: [${JSON.stringify(keys.authorized)}]`,
    ...["ssh_keys:", "  ed25519_private: |", ...key.map((line) => `    ${line}`)],
    `  ed25519_public: ${hostKey.known}`,
    "",
  ].join("\n");
}

/** A word as a shell reads it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
