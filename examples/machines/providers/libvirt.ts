import type { TerraformStack } from "cdktf";
import { SshNode } from "cdktf-dns-lb";
import { addPair, type Dns } from "../dns";
import { HOST_KEY, network, USER, USER_DATA_WITH_KEY } from "../site";
import { Provider, Resource } from "../terraform";

interface Format {
  readonly format: { readonly type: "qcow2" };
}

/** The part of `libvirt_volume` that is used here. */
interface Volume {
  readonly name: string;
  readonly pool: string;
  readonly capacity?: number;
  readonly target?: Format;
  readonly backing_store?: Format & { readonly path: string };
  readonly create?: { readonly content: { readonly url: string } };
}

/** The part of `libvirt_cloudinit_disk` that is used here. */
interface CloudInitDisk {
  readonly name: string;
  readonly user_data: string;
  readonly meta_data: string;
  readonly network_config: string;
}

interface Disk {
  readonly device?: "cdrom";
  readonly source: { readonly volume: { readonly pool: string; readonly volume: string } };
  readonly target: { readonly dev: string; readonly bus: string };
  readonly driver?: { readonly type: "qcow2" };
}

/** The part of `libvirt_domain` that is used here. */
interface Domain {
  readonly name: string;
  readonly type: "kvm";
  readonly memory: number;
  readonly memory_unit: "MiB";
  readonly vcpu: number;
  readonly running: boolean;
  readonly autostart: boolean;
  readonly os: { readonly type: "hvm"; readonly type_arch: string; readonly type_machine: string };
  readonly cpu: { readonly mode: string };
  readonly features: { readonly acpi: boolean };
  readonly devices: {
    readonly disks: readonly Disk[];
    readonly interfaces: readonly {
      readonly model: { readonly type: "virtio" };
      readonly source: { readonly bridge: { readonly bridge: string } };
    }[];
  };
}

const POOL = "default";

/**
 * A pair on two hypervisors with libvirt, written from the documentation of dmacvicar/libvirt 0.9.7.
 * @see https://registry.terraform.io/providers/dmacvicar/libvirt/0.9.7/docs/resources/domain
 */
export function addLibvirt(stack: TerraformStack, dns: Dns): void {
  const machine = (id: string, address: string, place: string): SshNode => {
    const name = `dns-${id.toLowerCase()}`;
    const provider = new Provider(stack, `${id}Libvirt`, "dmacvicar/libvirt", "~> 0.9.7", {
      alias: place,
      uri: `qemu+sshcmd://root@${place}.example.com/system`,
    });
    const root = new Resource<Volume>(
      stack,
      `${id}Root`,
      "libvirt_volume",
      {
        name: `${name}.qcow2`,
        pool: POOL,
        target: { format: { type: "qcow2" } },
        create: { content: { url: "/var/lib/images/debian-13-generic-amd64.qcow2" } },
      },
      { provider, lifecycle: { ignoreChanges: ["create"] } },
    );
    const cloudInit = new Resource<CloudInitDisk>(
      stack,
      `${id}CloudInit`,
      "libvirt_cloudinit_disk",
      {
        name: `${name}-cloud-init`,
        user_data: USER_DATA_WITH_KEY,
        meta_data: JSON.stringify({ "instance-id": name, "local-hostname": name }),
        network_config: JSON.stringify(network(address)),
      },
      { provider },
    );
    const seed = new Resource<Volume>(
      stack,
      `${id}Seed`,
      "libvirt_volume",
      { name: `${name}-seed.iso`, pool: POOL, create: { content: { url: cloudInit.getStringAttribute("path") } } },
      // The provider writes the image into a temporary folder of where Terraform runs. When it is gone, it makes it anew: the
      // volume of the machine stays for that, as it does for another user data.
      { provider, lifecycle: { ignoreChanges: ["create"] } },
    );
    const volume = (of: Resource<Volume>) => ({
      volume: { pool: POOL, volume: of.getStringAttribute("name") },
    });
    const domain = new Resource<Domain>(
      stack,
      `${id}Machine`,
      "libvirt_domain",
      {
        name,
        type: "kvm",
        memory: 2_048,
        memory_unit: "MiB",
        vcpu: 2,
        running: true,
        autostart: true,
        os: { type: "hvm", type_arch: "x86_64", type_machine: "q35" },
        cpu: { mode: "host-model" },
        features: { acpi: true },
        devices: {
          disks: [
            { source: volume(root), target: { dev: "vda", bus: "virtio" }, driver: { type: "qcow2" } },
            { device: "cdrom", source: volume(seed), target: { dev: "sda", bus: "sata" } },
          ],
          // A bridge of the host that its network card is part of: no NAT, and no filter of addresses.
          interfaces: [{ model: { type: "virtio" }, source: { bridge: { bridge: "br0" } } }],
        },
      },
      { provider },
    );
    return new SshNode(stack, id, {
      address,
      interface: "enp1s0",
      // Its id is a number that changes at each start.
      machine: domain.getStringAttribute("uuid"),
      ssh: { user: USER, hostKey: HOST_KEY, timeout: "5m" },
    });
  };

  addPair(stack, [machine("Lb1", "10.0.0.2", "kvm1"), machine("Lb2", "10.0.0.3", "kvm2")], dns);
}
