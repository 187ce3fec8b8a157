import { call, constant, ref, type Step, type Value } from "../plan.js";
import type { Draw } from "./draw.js";
import { sshNode } from "./hosts.js";
import { knobs, size } from "./values.js";

/** Where the nodes of a load balancer or server stand: a number that gives their networks. */
export interface Site {
  readonly number: number;
  readonly network: "default" | "bridge" | "macvlan" | "existing" | "host" | "ssh";
  readonly ipv6: boolean;
  /** Whether nodes have a second interface. */
  readonly second: boolean;
  /** The name of the first interface. */
  readonly device: string;
  readonly release: "DEBIAN_12" | "DEBIAN_13" | undefined;
  readonly networks: readonly Value[];
  /** Whether nodes have addresses on lo that are never announced by ARP. */
  readonly keepsAddresses: boolean;
}

/** The address of a host of a site. */
export const address = ({ number }: Pick<Site, "number">, host: number, second = false): string =>
  `10.${(second ? 128 : 0) + number}.0.${host}`;
export const address6 = ({ number }: Pick<Site, "number">, host: number, second = false): string =>
  `fd00:${(second ? 4096 : 0) + number}::${host.toString(16)}`;

export function site(draw: Draw, number: number): Site {
  return siteIn(draw, number, ["default", "bridge", "macvlan", "existing", "host", "ssh", "ssh"], false);
}

/** A site whose routers reach the nodes, which have addresses on lo. */
export function routedSite(draw: Draw, number: number): Site {
  return siteIn(draw, number, ["macvlan", "existing", "host", "ssh", "ssh"], true);
}

function siteIn(
  draw: Draw,
  number: number,
  choices: readonly [Site["network"], ...Site["network"][]],
  keepsAddresses: boolean,
): Site {
  const network = draw.pick(choices);
  const ipv6 = draw.chance(50);
  const second = network !== "host" && draw.chance(35);
  const networks = [
    ...(network === "default" || network === "ssh"
      ? []
      : [networkOf(draw, network, { number, ipv6, second: false, keepsAddresses })]),
    ...(second && network !== "ssh"
      ? [networkOf(draw, draw.pick(["macvlan", "existing"]), { number, ipv6, second: true, keepsAddresses })]
      : []),
  ];
  const device = draw.pick(["eth0", "eth0", "lan.7", "en_p0-s1"]);
  return {
    number,
    network,
    ipv6,
    second,
    device,
    release: draw.pick([undefined, "DEBIAN_12", "DEBIAN_13"] as const),
    networks,
    keepsAddresses,
  };
}

interface Place {
  readonly number: number;
  readonly ipv6: boolean;
  readonly second: boolean;
  readonly keepsAddresses: boolean;
}

function networkOf(
  draw: Draw,
  kind: Exclude<Site["network"], "default" | "ssh">,
  { number, ipv6, second, keepsAddresses }: Place,
): Value {
  const kept = keepsAddresses ? { keepsAddresses } : draw.some({ keepsAddresses: () => draw.chance(50) });
  if (kind === "host") return call("DockerNetwork.host", kept);
  const place = { number };
  const prefix = second ? 4096 + number : number;
  return call(`DockerNetwork.${kind}`, {
    subnet: `${address(place, 0, second)}/24`,
    ...draw.some({ gateway: () => address(place, draw.pick([1, 254]), second) }),
    ...(ipv6 ? { subnet6: `fd00:${prefix}::/64`, ...draw.some({ gateway6: () => address6(place, 1, second) }) } : {}),
    ...(kind === "macvlan" ? { parent: `${second ? "eth1" : "eth0"}.${number + 1}` } : {}),
    ...(kind === "existing"
      ? { name: `net${number}${second ? ".b" : "_a"}` }
      : draw.some({ name: () => `made-${number}${second ? "b" : ""}` })),
  });
}

/** A node on a site, beside the steps of its provider and image. */
export interface NodeOptions {
  readonly id: string;
  readonly host: number;
  readonly in: string;
  readonly daemons: "load-balancer" | "anycast" | "unbound" | "nsd";
  readonly outOfService: boolean;
  /** Whether it has an engine of its own. */
  readonly alone: boolean;
}

export function node(draw: Draw, site: Site, options: NodeOptions): Step[] {
  return site.network === "ssh" ? sshNode(draw, site, options) : dockerNode(draw, site, options);
}

function dockerNode(
  draw: Draw,
  site: Site,
  { id, host, in: stack, daemons, outOfService, alone }: NodeOptions,
): Step[] {
  const provider = `${id}Engine`;
  const image = `${id}Image`;
  const ownProvider = alone && (site.network === "host" || draw.chance(50));
  const ownImage = draw.chance(50);
  const debian = site.release === "DEBIAN_12" ? "12" : "13";
  const versions = versionsOf(draw, site);
  const props: Record<string, Value> = {
    address: address(site, host),
    ...(site.ipv6 ? { address6: address6(site, host) } : {}),
    ...(site.device === "eth0" ? draw.some({ interface: () => "eth0" }) : { interface: site.device }),
    ...(site.network === "default" ? {} : { network: site.networks[0] ?? null }),
    ...(site.second ? { interfaces: [second(site, host)] } : {}),
    ...draw.some({ name: () => `node-${id}`, memory: () => size(draw), ...knobs(draw) }),
    ...draw.some({ secretDirectories: () => draw.pick([[], ["/srv/acme"], ["/etc/dns-lb", "/srv/it's a\\b"]]) }, 20),
    ...(outOfService ? { outOfService } : draw.some({ outOfService: () => false }, 10)),
    ...(ownProvider ? { provider: ref(provider) } : {}),
    ...(ownImage
      ? { image: ref(image) }
      : daemons === "load-balancer"
        ? draw.some({ image: () => "registry.example:5000/dns/lb:1.2@sha256:ab" })
        : { image: `my-${daemons}:1` }),
    ...(ownImage || versions === undefined ? {} : { versions }),
  };
  const imageProps = {
    ...(daemons === "load-balancer" ? draw.some({ daemons: () => daemons }) : { daemons }),
    ...(debian === "12"
      ? { base: draw.pick(["debian:12", "debian:bookworm-slim"]) }
      : draw.some({ base: () => "debian:13-slim" })),
    ...draw.some({
      name: () => `registry.test/${stack.toLowerCase()}-${daemons}`,
      versions: () => exactly(debian),
      revision: () => draw.whole(0, 1_000_000),
    }),
    ...(ownProvider ? { provider: ref(provider) } : {}),
  };
  return [
    ...(ownProvider
      ? [{ make: "DockerProvider", id: provider, in: stack, props: { host: `ssh://root@${id}`, alias: id } }]
      : []),
    ...(ownImage ? [{ make: "DockerNodeImage", id: image, in: stack, props: imageProps }] : []),
    { make: "DockerNode", id, in: stack, props },
  ];
}

function second(site: Site, host: number): Value {
  return {
    name: "eth1",
    address: address(site, host, true),
    ...(site.ipv6 ? { address6: address6(site, host, true) } : {}),
    network: site.networks.at(-1) ?? null,
  };
}

/** The versions of the daemons on a site, by name or spelled out. */
export function versionsOf(draw: Draw, { release }: Site): Value | undefined {
  if (release === undefined) return undefined;
  return draw.chance(60) ? constant(release) : exactly(release === "DEBIAN_12" ? "12" : "13");
}

/** The versions of a Debian release, spelled out. */
function exactly(debian: "12" | "13"): Value {
  return debian === "12"
    ? { haproxy: "2.6", dnsdist: "1.7", keepalived: "2.2", unbound: "1.17", nsd: "4.6", bird: "2.0" }
    : { haproxy: "3.0", dnsdist: "1.9", keepalived: "2.3", unbound: "1.26", nsd: "4.12", bird: "2.17" };
}
