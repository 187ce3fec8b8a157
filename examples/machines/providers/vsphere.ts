import type { TerraformStack } from "cdktf";
import { SshNode } from "cdktf-dns-lb";
import { addPair, type Dns } from "../dns";
import { HOST_KEY, network, USER, USER_DATA_WITH_KEY } from "../site";
import { Data, Provider, Resource } from "../terraform";

/** The part of `vsphere_virtual_machine` that is used here. */
interface VirtualMachine {
  readonly name: string;
  readonly resource_pool_id: string;
  readonly datastore_id: string;
  readonly guest_id: string;
  readonly num_cpus: number;
  readonly memory: number;
  readonly network_interface: { readonly network_id: string };
  readonly disk: { readonly label: string; readonly size: number };
  readonly clone: { readonly template_uuid: string };
  readonly extra_config: Readonly<Record<`guestinfo.${string}`, string>>;
}

/** The part of `vsphere_compute_cluster_vm_anti_affinity_rule` that is used here. */
interface AntiAffinity {
  readonly name: string;
  readonly compute_cluster_id: string;
  readonly virtual_machine_ids: readonly string[];
}

/**
 * A pair on a cluster of vSphere, written from the documentation of vmware/vsphere 2.13.0. The template has Debian 13 with
 * cloud-init and open-vm-tools.
 * @see https://registry.terraform.io/providers/vmware/vsphere/2.13.0/docs/resources/virtual_machine
 */
export function addVsphere(stack: TerraformStack, dns: Dns): void {
  // The user and the server are in VSPHERE_USER, VSPHERE_PASSWORD and VSPHERE_SERVER.
  new Provider(stack, "Vsphere", "vmware/vsphere", "~> 2.13");
  const datacenter_id = new Data(stack, "Datacenter", "vsphere_datacenter", { name: "dc1" }).id;
  const found = (id: string, type: string, name: string) => new Data(stack, id, type, { name, datacenter_id });
  const cluster = found("Cluster", "vsphere_compute_cluster", "cluster1");
  const datastore = found("Datastore", "vsphere_datastore", "datastore1");
  const portGroup = found("PortGroup", "vsphere_network", "dns");
  const template = found("Template", "vsphere_virtual_machine", "debian-13");

  const vm = (id: string, address: string) => {
    const name = `dns-${id.toLowerCase()}`;
    const metadata = { "instance-id": name, "local-hostname": name, network: network(address) };
    return new Resource<VirtualMachine>(
      stack,
      `${id}Machine`,
      "vsphere_virtual_machine",
      {
        name,
        resource_pool_id: cluster.getStringAttribute("resource_pool_id"),
        datastore_id: datastore.id,
        guest_id: template.getStringAttribute("guest_id"),
        num_cpus: 2,
        memory: 2_048,
        // The addresses move with the machine's own MAC address: the port group may refuse forged transmits, changes of MAC
        // addresses and promiscuous mode.
        network_interface: { network_id: portGroup.id },
        disk: { label: "disk0", size: 10 },
        clone: { template_uuid: template.id },
        extra_config: {
          "guestinfo.metadata": base64(JSON.stringify(metadata)),
          "guestinfo.metadata.encoding": "base64",
          "guestinfo.userdata": base64(USER_DATA_WITH_KEY),
          "guestinfo.userdata.encoding": "base64",
        },
      },
      // A template that was made anew replaces the machine, another user data reboots it.
      { lifecycle: { ignoreChanges: ["clone", "extra_config"] } },
    );
  };
  const node = (id: string, address: string, machine: string) =>
    new SshNode(stack, id, {
      address,
      interface: "ens192",
      machine,
      ssh: { user: USER, hostKey: HOST_KEY, timeout: "5m" },
    });

  const [vm1, vm2] = [vm("Lb1", "10.0.0.2"), vm("Lb2", "10.0.0.3")];
  new Resource<AntiAffinity>(stack, "Apart", "vsphere_compute_cluster_vm_anti_affinity_rule", {
    name: "dns",
    compute_cluster_id: cluster.id,
    virtual_machine_ids: [vm1.id, vm2.id],
  });
  addPair(stack, [node("Lb1", "10.0.0.2", vm1.id), node("Lb2", "10.0.0.3", vm2.id)], dns);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
