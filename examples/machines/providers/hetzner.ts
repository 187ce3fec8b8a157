import type { TerraformStack } from "cdktf";
import { SshNode } from "cdktf-dns-lb";
import { addSingle, type Dns } from "../dns";
import { HOST_KEY, SUBNET, USER_DATA } from "../site";
import { Provider, Resource } from "../terraform";

/** The part of `hcloud_network_subnet` that is used here. */
interface Subnet {
  readonly network_id: string;
  readonly type: "cloud";
  readonly network_zone: string;
  readonly ip_range: string;
}

/** The part of `hcloud_server` that is used here. */
interface Server {
  readonly name: string;
  readonly server_type: string;
  readonly image: string;
  readonly location: string;
  readonly ssh_keys: readonly string[];
  readonly user_data: string;
  readonly network: { readonly subnet_id: string; readonly ip: string; readonly alias_ips: readonly string[] };
}

const ADDRESS = "10.0.0.2";

/**
 * One load balancer on Hetzner Cloud, written from the documentation of hetznercloud/hcloud 1.68.0. No address moves by VRRP
 * there.
 * @see https://registry.terraform.io/providers/hetznercloud/hcloud/1.68.0/docs/resources/server
 */
export function addHetzner(stack: TerraformStack, dns: Dns): void {
  // The token is in HCLOUD_TOKEN.
  new Provider(stack, "Hcloud", "hetznercloud/hcloud", "~> 1.68");
  const network = new Resource(stack, "Network", "hcloud_network", { name: "dns", ip_range: "10.0.0.0/16" });
  const subnet = new Resource<Subnet>(stack, "Subnet", "hcloud_network_subnet", {
    network_id: network.id,
    type: "cloud",
    network_zone: "eu-central",
    ip_range: SUBNET,
  });
  const server = new Resource<Server>(
    stack,
    "Machine",
    "hcloud_server",
    {
      name: "dns-lb1",
      server_type: "cx23",
      image: "debian-13",
      location: "nbg1",
      ssh_keys: ["operator"],
      user_data: USER_DATA,
      network: { subnet_id: subnet.id, ip: ADDRESS, alias_ips: [] },
    },
    // Each of them replaces the machine.
    { lifecycle: { ignoreChanges: ["image", "ssh_keys", "user_data"] } },
  );
  const node = new SshNode(stack, "Lb1", {
    address: ADDRESS,
    interface: "enp7s0",
    machine: server.id,
    ssh: {
      // Terraform comes by the public address, clients by the private one.
      host: server.getStringAttribute("ipv4_address"),
      hostKey: HOST_KEY,
      timeout: "5m",
    },
  });
  addSingle(stack, node, dns);
}
