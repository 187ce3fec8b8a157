import type { TerraformStack } from "cdktf";
import { SshNode } from "cdktf-dns-lb";
import { addPair, type Dns } from "../dns";
import { HOST_KEY, network, USER, USER_DATA_WITH_KEY } from "../site";
import { Provider, Resource } from "../terraform";

/** The part of `incus_instance` that is used here. */
interface Instance {
  readonly name: string;
  readonly image: string;
  readonly type: "virtual-machine";
  readonly target: string;
  readonly config: Readonly<Record<string, string>>;
  readonly device: {
    readonly name: string;
    readonly type: "nic";
    readonly properties: Readonly<Record<string, string>>;
  };
}

/** Installs what the image lacks, once the packages of the user data are there. */
export const VENDOR_DATA = "#cloud-config\nruncmd: [[apt-get, install, -y, --no-install-recommends, openssh-server]]\n";

/**
 * A pair on two members of an Incus cluster, written from the documentation of lxc/incus 1.1.1.
 * @see https://registry.terraform.io/providers/lxc/incus/1.1.1/docs/resources/instance
 */
export function addIncus(stack: TerraformStack, dns: Dns): void {
  new Provider(stack, "Incus", "lxc/incus", "~> 1.1");

  const machine = (id: string, address: string, place: string): SshNode => {
    const instance = new Resource<Instance>(
      stack,
      `${id}Machine`,
      "incus_instance",
      {
        name: `dns-${id.toLowerCase()}`,
        image: "images:debian/13/cloud",
        type: "virtual-machine",
        target: place,
        config: {
          "limits.cpu": "2",
          "limits.memory": "2GiB",
          // The image has no SSH server. Not among `packages`, which those of the user data replace.
          "cloud-init.vendor-data": VENDOR_DATA,
          "cloud-init.user-data": USER_DATA_WITH_KEY,
          "cloud-init.network-config": JSON.stringify(network(address)),
        },
        // A bridge of the hosts, without security.ipv4_filtering and security.ipv6_filtering.
        device: { name: "eth0", type: "nic", properties: { nictype: "bridged", parent: "br0" } },
      },
      // Another image replaces the machine; after another user data, cloud-init runs as on a new machine at the next start, and
      // makes other host keys.
      {
        lifecycle: {
          ignoreChanges: [
            "image",
            'config["cloud-init.vendor-data"]',
            'config["cloud-init.user-data"]',
            'config["cloud-init.network-config"]',
          ],
        },
      },
    );
    return new SshNode(stack, id, {
      address,
      interface: "enp5s0",
      // It has no id. Each new one gets another MAC address.
      machine: instance.getStringAttribute("mac_address"),
      ssh: { user: USER, hostKey: HOST_KEY, timeout: "5m" },
    });
  };

  addPair(stack, [machine("Lb1", "10.0.0.2", "incus1"), machine("Lb2", "10.0.0.3", "incus2")], dns);
}
