import type { Bgp } from "../../../lib/model/bgp.js";
import type { BirdWork } from "../../../lib/node/compile/bird.js";

/** A group of one node with two routers, of which one speaks both families, and one is further away. */
export const GROUP: Bgp = {
  asn: 64_512,
  members: [
    {
      node: "lb1",
      neighbors: [
        {
          ...{ address: "10.0.0.1", asn: 64_500 },
          password: { kind: "node-file", path: "/etc/dns-lb/router1" },
          bfd: { interval: "300ms", multiplier: 3 },
        },
        { address: "2001:db8:0::1", asn: 64_500, bfd: { interval: "300ms", multiplier: 3 } },
        { address: "198.51.100.1", asn: 4_200_000_001, multihop: 3 },
      ],
      communities: ["64500:310"],
    },
  ],
  defaultRoute: "bgp",
  whenSick: { daemon: "withdraw", pool: "prepend" },
};

/** What that node's bird.conf is compiled from. */
export const BIRD_WORK: BirdWork = {
  bgp: GROUP,
  node: { name: "lb1", addresses: ["10.0.0.2", "2001:db8::2"], interface: "eth0" },
  addresses: ["203.0.113.53", "2001:db8:113:0::53", "203.0.113.54"],
  costFile: "/run/dns-lb/cost.conf",
  namesAuthentication: false,
};
