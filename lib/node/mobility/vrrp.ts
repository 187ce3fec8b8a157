import { canonicalAddress } from "../../core/ip.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import type { NodeDescription } from "../../model/node.js";
import type { Vrrp } from "../../model/vrrp.js";
import { keepalived } from "../daemons/keepalived.js";
import type { Mobility } from "./mobility.js";

/** The mobility of a node whose virtual addresses VRRP moves to its peer and back. */
export function vrrpMobility({ nodes, virtualAddresses }: LoadBalancer, node: NodeDescription, vrrp: Vrrp): Mobility {
  return {
    daemons: [keepalived(vrrp)],
    peers: nodes.filter(({ name }) => name !== node.name),
    manifest: ({ keepsAddresses }) => ({
      kind: "vrrp",
      service: "keepalived",
      virtualAddresses: virtualAddresses.map(({ address, interface: device }) => ({
        address: canonicalAddress(address),
        interface: device,
        onLoopback: keepsAddresses,
      })),
    }),
  };
}
