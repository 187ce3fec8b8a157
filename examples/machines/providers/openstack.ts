import type { TerraformStack } from "cdktf";
import { SshNode } from "cdktf-dns-lb";
import { addPair, type Dns } from "../dns";
import { CLIENTS, HOST_KEY, SUBNET, USER, USER_DATA, VIRTUAL_ADDRESS } from "../site";
import { Data, Provider, Resource } from "../terraform";

/** The part of `openstack_networking_port_v2` that is used here. */
interface Port {
  readonly name: string;
  readonly network_id: string;
  readonly admin_state_up: boolean;
  readonly security_group_ids?: readonly string[];
  readonly fixed_ip: { readonly subnet_id: string; readonly ip_address: string };
  readonly allowed_address_pairs?: readonly { readonly ip_address: string }[];
}

/** The part of `openstack_networking_secgroup_rule_v2` that is used here. */
interface Rule {
  readonly direction: "ingress";
  readonly ethertype: "IPv4";
  readonly protocol: "tcp" | "udp" | "vrrp";
  readonly port_range_min?: number;
  readonly port_range_max?: number;
  readonly remote_ip_prefix?: string;
  readonly remote_group_id?: string;
  readonly security_group_id: string;
}

/** The part of `openstack_compute_instance_v2` that is used here. */
interface Instance {
  readonly name: string;
  readonly image_name: string;
  readonly flavor_name: string;
  readonly key_pair: string;
  readonly user_data: string;
  readonly network: { readonly port: string };
  readonly scheduler_hints: { readonly group: string };
}

/**
 * A pair in a network of OpenStack, written from the documentation of terraform-provider-openstack/openstack 3.4.0.
 * @see https://registry.terraform.io/providers/terraform-provider-openstack/openstack/3.4.0/docs
 */
export function addOpenstack(stack: TerraformStack, dns: Dns): void {
  // Who asks, and where: OS_CLOUD and clouds.yaml.
  new Provider(stack, "Openstack", "terraform-provider-openstack/openstack", "~> 3.4");
  const network_id = new Data(stack, "Network", "openstack_networking_network_v2", { name: "dns" }).id;
  const subnet_id = new Data(stack, "Subnet", "openstack_networking_subnet_v2", { network_id, cidr: SUBNET }).id;

  const security_group_id = new Resource(stack, "Firewall", "openstack_networking_secgroup_v2", { name: "dns" }).id;
  const allow = (id: string, rule: Pick<Rule, "protocol" | "remote_ip_prefix" | "remote_group_id">, port?: number) =>
    new Resource<Rule>(stack, `Allow${id}`, "openstack_networking_secgroup_rule_v2", {
      direction: "ingress",
      ethertype: "IPv4",
      security_group_id,
      ...rule,
      ...(port === undefined ? {} : { port_range_min: port, port_range_max: port }),
    });
  for (const [index, remote_ip_prefix] of CLIENTS.entries()) {
    allow(`DnsUdp${index}`, { protocol: "udp", remote_ip_prefix }, 53);
    allow(`DnsTcp${index}`, { protocol: "tcp", remote_ip_prefix }, 53);
    allow(`Ssh${index}`, { protocol: "tcp", remote_ip_prefix }, 22);
  }
  allow("Vrrp", { protocol: "vrrp", remote_group_id: security_group_id });

  // Nobody else gets the virtual address: it has a port, which no machine has.
  new Resource<Port>(stack, "VirtualAddress", "openstack_networking_port_v2", {
    name: "dns",
    network_id,
    admin_state_up: true,
    fixed_ip: { subnet_id, ip_address: VIRTUAL_ADDRESS },
  });
  const group = new Resource(stack, "Apart", "openstack_compute_servergroup_v2", {
    name: "dns",
    policies: ["anti-affinity"],
  }).id;

  const machine = (id: string, address: string): SshNode => {
    const port = new Resource<Port>(stack, `${id}Port`, "openstack_networking_port_v2", {
      name: `dns-${id.toLowerCase()}`,
      network_id,
      admin_state_up: true,
      security_group_ids: [security_group_id],
      fixed_ip: { subnet_id, ip_address: address },
      // Without it, port security drops what the machine sends from the virtual address, its ARP included.
      allowed_address_pairs: [{ ip_address: VIRTUAL_ADDRESS }],
    });
    const instance = new Resource<Instance>(
      stack,
      `${id}Machine`,
      "openstack_compute_instance_v2",
      {
        name: `dns-${id.toLowerCase()}`,
        image_name: "debian-13",
        flavor_name: "m1.small",
        key_pair: "operator",
        user_data: USER_DATA,
        network: { port: port.id },
        scheduler_hints: { group },
      },
      // Another image rebuilds the machine, another user data replaces it.
      { lifecycle: { ignoreChanges: ["image_name", "user_data"] } },
    );
    return new SshNode(stack, id, {
      address,
      interface: "ens3",
      machine: instance.id,
      ssh: { user: USER, hostKey: HOST_KEY, timeout: "5m" },
    });
  };

  addPair(stack, [machine("Lb1", "10.0.0.2"), machine("Lb2", "10.0.0.3")], dns);
}
