import { join } from "node:path";
import { KeptRoot } from "./kept-root.js";

/*
 * QEMU 7.2 of Debian 12 computes flags wrongly after cmpxchg16b, by which kernels of guests panic: it is always that of
 * Debian 13, in a folder, started by the loader of that folder.
 */
const SUITE = "trixie";

/** The hardware of a guest. */
export interface Hardware {
  readonly disk: string;
  /** A disk that it cannot write. */
  readonly seed: string;
  readonly kernel: string;
  readonly initrd: string;
  /** The end of its cable, on the side of the switch. */
  readonly port: string;
  readonly mac: string;
  /** The file of what it writes to its serial console. */
  readonly console: string;
}

/** MiB. */
const MEMORY = 512;
const TRANSLATED = 128;

/** Makes QEMU, unless it is there. Gives the argument list of a guest's machine. */
export async function provideQemu(): Promise<(hardware: Hardware) => readonly string[]> {
  const contents = { packages: ["ipxe-qemu", "qemu-system-x86", "seabios"] };
  const tree = await new KeptRoot("qemu", SUITE, contents).provide();
  const libraries = join(tree, "usr", "lib", "x86_64-linux-gnu");
  const loaded = [join(tree, "lib64", "ld-linux-x86-64.so.2"), "--library-path", libraries];
  const data = ["qemu", "seabios"].flatMap((name) => ["-L", join(tree, "usr", "share", name)]);
  const qemu = [...loaded, join(tree, "usr", "bin", "qemu-system-x86_64"), ...data];
  return (hardware) => [...qemu, ...optionsOf(hardware)];
}

/* Its own processor instructions, by which it runs the same everywhere: KVM is not to be had on every machine. */
function optionsOf({ disk, seed, kernel, initrd, port, mac, console }: Hardware): readonly string[] {
  const words = ["console=ttyS0", "root=/dev/vda", "rw", "net.ifnames=0", "panic=-1", "mitigations=off"];
  return [
    ...["-nodefaults", "-display", "none", "-serial", `file:${console}`],
    ...["-accel", `tcg,thread=multi,tb-size=${TRANSLATED}`, "-cpu", "max", "-smp", "1", "-m", String(MEMORY)],
    ...["-kernel", kernel, "-initrd", initrd, "-append", words.join(" ")],
    // What the guest has flushed is in a file of this system, whatever becomes of QEMU; it need not be on its disk.
    ...["-drive", `file=${disk},format=raw,if=virtio,cache=unsafe`],
    ...["-drive", `file=${seed},format=raw,if=virtio,readonly=on`],
    ...["-netdev", `tap,id=net,ifname=${port},script=no,downscript=no`],
    ...["-device", `virtio-net-pci,netdev=net,mac=${mac}`],
    ...["-object", "rng-random,id=random,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=random"],
  ];
}
