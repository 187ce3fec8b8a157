import type { TerraformStack } from "cdktf";
import { SshNode } from "cdktf-dns-lb";
import { addPair, type Dns } from "../dns";
import { GATEWAY, HOST_KEY, OPERATOR_KEY, USER, USER_DATA } from "../site";
import { Provider, Resource } from "../terraform";

/** The part of `proxmox_virtual_environment_file` that is used here. */
interface Snippet {
  readonly content_type: "snippets";
  readonly datastore_id: string;
  readonly node_name: string;
  readonly source_raw: { readonly data: string; readonly file_name: string };
}

/** The part of `proxmox_virtual_environment_vm` that is used here. */
interface VirtualMachine {
  readonly name: string;
  readonly node_name: string;
  readonly stop_on_destroy: boolean;
  readonly cpu: { readonly cores: number; readonly type: string };
  readonly memory: { readonly dedicated: number };
  readonly disk: {
    readonly datastore_id: string;
    readonly import_from: string;
    readonly interface: string;
    readonly size: number;
  };
  readonly initialization: {
    readonly ip_config: { readonly ipv4: { readonly address: string; readonly gateway: string } };
    readonly user_account: { readonly username: string; readonly keys: readonly string[] };
    readonly vendor_data_file_id: string;
  };
  readonly network_device: { readonly bridge: string; readonly firewall: boolean };
  readonly operating_system: { readonly type: "l26" };
}

/**
 * A pair on two nodes of a Proxmox VE cluster, written from the documentation of bpg/proxmox 0.111.1.
 * @see https://registry.terraform.io/providers/bpg/proxmox/0.111.1/docs/resources/virtual_environment_vm
 */
export function addProxmox(stack: TerraformStack, dns: Dns): void {
  // The rest is in PROXMOX_VE_API_TOKEN and, for snippets, in the SSH agent.
  new Provider(stack, "Proxmox", "bpg/proxmox", "~> 0.111", { endpoint: "https://pve.example.com:8006/" });

  const machine = (id: string, address: string, place: string): SshNode => {
    const vendorData = new Resource<Snippet>(stack, `${id}VendorData`, "proxmox_virtual_environment_file", {
      content_type: "snippets",
      datastore_id: "local",
      node_name: place,
      source_raw: { data: USER_DATA, file_name: `dns-${id.toLowerCase()}.yaml` },
    });
    const vm = new Resource<VirtualMachine>(
      stack,
      `${id}Machine`,
      "proxmox_virtual_environment_vm",
      {
        name: `dns-${id.toLowerCase()}`,
        node_name: place,
        stop_on_destroy: true,
        cpu: { cores: 2, type: "x86-64-v2-AES" },
        memory: { dedicated: 2_048 },
        disk: {
          datastore_id: "local-lvm",
          import_from: "local:import/debian-13-generic-amd64.qcow2",
          interface: "virtio0",
          size: 10,
        },
        // Proxmox writes the user data from user_account; ours comes beside it, as vendor data.
        initialization: {
          ip_config: { ipv4: { address: `${address}/24`, gateway: GATEWAY } },
          user_account: { username: USER, keys: [OPERATOR_KEY] },
          vendor_data_file_id: vendorData.id,
        },
        // With a firewall that filters addresses, the set ipfilter-net0 must have the virtual address, too.
        network_device: { bridge: "vmbr0", firewall: false },
        operating_system: { type: "l26" },
      },
      // Another text, as a later release of the library may have, is another file: a new machine gets it, and no old one is
      // replaced for it.
      { lifecycle: { ignoreChanges: ["initialization", "disk[0].import_from"] } },
    );
    return new SshNode(stack, id, {
      address,
      interface: "ens18",
      machine: vm.id,
      ssh: { user: USER, hostKey: HOST_KEY, timeout: "5m" },
    });
  };

  addPair(stack, [machine("Lb1", "10.0.0.2", "pve1"), machine("Lb2", "10.0.0.3", "pve2")], dns);
}
