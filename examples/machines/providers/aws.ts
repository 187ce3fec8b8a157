import type { TerraformStack } from "cdktf";
import { SshNode } from "cdktf-dns-lb";
import { addSingle, type Dns } from "../dns";
import { HOST_KEY, USER_DATA } from "../site";
import { Provider, Resource } from "../terraform";

/** The part of `aws_network_interface` that is used here. */
interface NetworkInterface {
  readonly subnet_id: string;
  readonly private_ips: readonly string[];
  readonly security_groups: readonly string[];
}

/** The part of `aws_instance` that is used here. */
interface Instance {
  readonly ami: string;
  readonly instance_type: string;
  readonly key_name: string;
  readonly user_data: string;
  readonly primary_network_interface: { readonly network_interface_id: string };
  readonly tags: Readonly<Record<string, string>>;
}

const ADDRESS = "10.0.0.2";

/**
 * One load balancer on EC2, written from the documentation of hashicorp/aws 6. No address moves by VRRP there.
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/instance
 */
export function addAws(stack: TerraformStack, dns: Dns): void {
  new Provider(stack, "Aws", "hashicorp/aws", "~> 6.0", { region: "eu-central-1" });

  // It stays when the machine is replaced, and its address with it.
  const card = new Resource<NetworkInterface>(stack, "Interface", "aws_network_interface", {
    subnet_id: "subnet-0123456789abcdef0",
    private_ips: [ADDRESS],
    security_groups: ["sg-0123456789abcdef0"],
  });
  const instance = new Resource<Instance>(
    stack,
    "Machine",
    "aws_instance",
    {
      ami: "ami-0123456789abcdef0",
      instance_type: "c7i.large",
      key_name: "operator",
      user_data: USER_DATA,
      primary_network_interface: { network_interface_id: card.id },
      tags: { Name: "dns" },
    },
    // Another image replaces the machine, another user data stops it for a while.
    { lifecycle: { ignoreChanges: ["ami", "user_data"] } },
  );
  const node = new SshNode(stack, "Lb1", {
    address: ADDRESS,
    interface: "ens5",
    machine: instance.id,
    ssh: { user: "admin", hostKey: HOST_KEY, timeout: "5m" },
  });
  addSingle(stack, node, dns);
}
