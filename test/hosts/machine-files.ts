import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HostKey } from "./keys.js";
import { OPERATOR } from "./network.js";
import { type Suite, USER } from "./root.js";

/** What makes a machine of a root. */
export interface Identity {
  readonly name: string;
  readonly suite: Suite;
  readonly addresses: readonly [string, string];
  readonly hostKey: HostKey;
  /** The line of `authorized_keys`. */
  readonly authorized: string;
  /** Where HTTP gets out. */
  readonly proxy: string;
  /** The user-data of cloud-init, which does not run without. */
  readonly userData?: string;
}

/** The interface of every machine. */
export const INTERFACE = "eth0";
/** Debian's first user. */
const USER_ID = 1_000;

/** Writes into a root what makes it one machine; all else is the same for all. Gives the machine's id. */
export function writeIdentity(root: string, identity: Identity): string {
  const { name, suite, hostKey, proxy, userData } = identity;
  const id = randomBytes(16).toString("hex");
  const write = (path: string, lines: readonly string[], mode = 0o644) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
    chmodSync(file, mode);
    return file;
  };
  const read = (path: string) => [readFileSync(path, "utf8").trimEnd()];

  write("etc/machine-id", [id]);
  write("etc/hostname", [name]);
  write("etc/hosts", ["127.0.0.1 localhost", `127.0.1.1 ${name}`, "::1 localhost ip6-localhost ip6-loopback"]);
  write("etc/apt/apt.conf.d/01proxy", [`Acquire::http::Proxy "${proxy}";`]);
  write("etc/ssh/ssh_host_ed25519_key", read(hostKey.key), 0o600);
  write("etc/ssh/ssh_host_ed25519_key.pub", [hostKey.known]);
  if (hostKey.certificate !== undefined) {
    write("etc/ssh/ssh_host_ed25519_key-cert.pub", read(hostKey.certificate));
    write("etc/ssh/sshd_config.d/10-certificate.conf", ["HostCertificate /etc/ssh/ssh_host_ed25519_key-cert.pub"]);
  }
  chownSync(write(`home/${USER}/.ssh/authorized_keys`, [identity.authorized], 0o600), USER_ID, USER_ID);
  if (suite === "bookworm") {
    write("etc/resolv.conf", []);
    write("etc/network/interfaces", interfaces(identity));
  } else if (userData === undefined) {
    write("etc/systemd/network/10-eth0.network", networkUnit(identity));
    write("etc/cloud/cloud-init.disabled", []);
  } else {
    const seed = "var/lib/cloud/seed/nocloud";
    write(`${seed}/meta-data`, [`instance-id: ${id}`, `local-hostname: ${name}`]);
    write(`${seed}/network-config`, networkConfig(identity));
    write(`${seed}/user-data`, [userData], 0o600);
  }
  return id;
}

/* Addresses are used at once: without the second in which IPv6 asks whether another host has them. */

function interfaces({ addresses: [address, address6] }: Identity): readonly string[] {
  return [
    ...["auto lo", "iface lo inet loopback", `auto ${INTERFACE}`],
    ...[`iface ${INTERFACE} inet static`, `  address ${address}/24`, `  gateway ${OPERATOR[0]}`],
    ...[`iface ${INTERFACE} inet6 static`, `  address ${address6}/64`, "  dad-attempts 0", "  accept_ra 0"],
  ];
}

function networkUnit({ addresses }: Identity): readonly string[] {
  const [address, address6] = addresses;
  return [
    ...["[Match]", `Name=${INTERFACE}`, "[Network]", `Gateway=${OPERATOR[0]}`, "IPv6AcceptRA=no"],
    ...["[Address]", `Address=${address}/24`],
    ...["[Address]", `Address=${address6}/64`, "DuplicateAddressDetection=none"],
  ];
}

/** What cloud-init makes the network of. */
export function networkConfig({ addresses: [address, address6] }: Pick<Identity, "addresses">): readonly string[] {
  return [
    ...["version: 2", "ethernets:", `  ${INTERFACE}:`, "    accept-ra: false"],
    `    addresses: ["${address}/24", "${address6}/64"]`,
    `    routes: [{ to: 0.0.0.0/0, via: ${OPERATOR[0]} }]`,
  ];
}
