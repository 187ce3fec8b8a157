import type { TerraformStack } from "cdktf";
import type { Dns } from "../dns";
import { addAws } from "./aws";
import { addHetzner } from "./hetzner";
import { addIncus } from "./incus";
import { addLibvirt } from "./libvirt";
import { addOpenstack } from "./openstack";
import { addProxmox } from "./proxmox";
import { addVsphere } from "./vsphere";

/** What makes the machines of each provider, and the load balancers on them. */
export const PROVIDERS: Readonly<Record<string, (stack: TerraformStack, dns: Dns) => void>> = {
  proxmox: addProxmox,
  libvirt: addLibvirt,
  openstack: addOpenstack,
  vsphere: addVsphere,
  incus: addIncus,
  aws: addAws,
  hetzner: addHetzner,
};
