import { canonicalAddress, cidrContains } from "../../core/ip.js";
import { TCP_RETRIES } from "../../model/tcp-retries.js";
import { command } from "./command.js";
import { LabError } from "./errors.js";
import { Host, type HostInterface } from "./host.js";
import { checkHostName, namespaceName } from "./names.js";
import { namespaceNames } from "./namespace.js";

/** A host to add. */
export interface HostPlan {
  readonly name: string;
  readonly interfaces: readonly InterfacePlan[];
  /**
   * Whether the host forwards packets, as a router.
   *
   * @default false
   */
  readonly forwards?: boolean;
  /**
   * Whether the host spreads flows over paths of the same cost.
   *
   * @default false
   */
  readonly spreads?: boolean;
}

/** An interface to add. */
export interface InterfacePlan {
  readonly name: string;
  readonly addresses: readonly string[];
  /**
   * The subnets that are reached through the interface.
   *
   * @default - none but, through the first interface of a host, everything
   */
  readonly subnets?: readonly string[];
  /**
   * The networks of its addresses.
   *
   * @default - each address stands alone
   */
  readonly networks?: readonly string[];
  /**
   * Routes through the first interface of a host, each as `ip route` takes it.
   *
   * @default - a default route to everything, without a router
   */
  readonly routes?: readonly string[];
}

/** A network partition of a host. */
interface Cut {
  readonly host: string;
  readonly direction: Direction;
  /** The hosts from which it is cut off; empty for all. */
  readonly from: readonly string[];
}

/** The direction of lost packets, seen from the host. */
export type Direction = "both" | "in" | "out";

const SWITCH = "switch";
const BRIDGE = "br0";

const SYSCTLS = [
  "net.ipv4.ip_unprivileged_port_start=0",
  // As on the nodes of a deployment.
  `net.ipv4.tcp_retries2=${TCP_RETRIES}`,
  ...["all", "default"].flatMap((scope) => [
    `net.ipv4.conf.${scope}.rp_filter=0`,
    `net.ipv4.conf.${scope}.arp_ignore=1`,
    `net.ipv4.conf.${scope}.arp_announce=2`,
    `net.ipv4.conf.${scope}.send_redirects=0`,
    // All hosts share one link, so that routers know a better way for each packet. IPv6 has no setting to say nothing of it.
    ...["ipv4", "ipv6"].map((family) => `net.${family}.conf.${scope}.accept_redirects=0`),
    `net.ipv6.conf.${scope}.accept_dad=0`,
    `net.ipv6.conf.${scope}.accept_ra=0`,
  ]),
  "net.ipv6.conf.default.dad_transmits=0",
];
const FORWARDING = ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"];
const SPREADING = ["net.ipv4.fib_multipath_hash_policy=1", "net.ipv6.fib_multipath_hash_policy=1"];
/**
 * Each router spreads in a way of its own, else the second of two sees a part of the flows alone that it sends all to the same
 * node. Linux has that since 6.11.
 */
const SEED = "net.ipv4.fib_multipath_hash_seed";

/** One switch and its hosts. It has no uplink, so that no packet of a lab leaves this machine. */
export class Network {
  readonly #hosts = new Map<string, Host>();
  readonly #cuts = new Map<string, Cut>();
  readonly #switch: string;
  #ports = 0;
  #cutting: Promise<void> = Promise.resolve();

  private constructor(
    private readonly lab: string,
    private readonly root: string | undefined,
  ) {
    this.#switch = namespaceName(lab, SWITCH);
  }

  /** Makes the switch. Its hosts have the programs of a Debian system in the folder `root`, or those of this machine. */
  static async create(lab: string, root?: string): Promise<Network> {
    const network = new Network(lab, root);
    await command(["sh", "-eu"], {
      input: `
ip netns add ${network.#switch}
ip -n ${network.#switch} -batch - <<'END'
link add ${BRIDGE} type bridge mcast_snooping 0
link set lo up
link set ${BRIDGE} up
END
ip netns exec ${network.#switch} nft add table bridge lab
ip netns exec ${network.#switch} nft 'add chain bridge lab cuts { type filter hook forward priority 0; policy accept; }'
`,
    });
    return network;
  }

  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  host(name: string): Host | undefined {
    return this.#hosts.get(name);
  }

  /** The host with this own address; virtual addresses belong to no host. */
  hostOf(address: string): Host | undefined {
    const wanted = canonicalAddress(address);
    return this.hosts.find(({ addresses }) => addresses.some((own) => canonicalAddress(own) === wanted));
  }

  /** Adds hosts; they are reachable when this returns. */
  async add(plans: readonly HostPlan[]): Promise<Host[]> {
    const hosts = plans.map((plan) => this.#plan(plan));
    await this.#boot(hosts);
    for (const host of hosts) this.#hosts.set(host.name, host);
    return hosts;
  }

  /**
   * Simulates a power failure: cuts the links first, so that no daemon can send a last packet, then kills all
   * processes.
   */
  async remove(host: Host): Promise<void> {
    const down = host.interfaces.map(({ port }) => `link set ${port} down\n`).join("");
    await command(["ip", "-n", this.#switch, "-batch", "-"], { input: down });
    for (let left = host.processes(); left.length > 0; left = host.processes()) {
      host.signal("SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const unplug = host.interfaces.map(({ port }) => `link delete ${port}\n`).join("");
    await command(["ip", "-n", this.#switch, "-batch", "-"], { input: unplug });
    await command(["ip", "netns", "delete", host.namespace]);
  }

  /** Restores a host after a power failure, with the same links and addresses. */
  async restore(host: Host): Promise<void> {
    await this.#boot([host]);
  }

  /** Adds interfaces to a running host. */
  async extend(host: Host, interfaces: HostPlan["interfaces"]): Promise<Host> {
    const added = interfaces.map((wanted) => this.#interface(wanted));
    const extended = host.with([...host.interfaces, ...added]);
    await command(["sh", "-eu"], { input: this.#cables(extended, added) + addressing(extended, added) });
    this.#hosts.set(host.name, extended);
    return extended;
  }

  /** Gives a host further routes through its first interface, or others to the same places. */
  async route(host: Host, routes: readonly string[]): Promise<void> {
    const [first, ...rest] = host.interfaces;
    const known = first?.routes ?? (first === undefined ? [] : everywhere(first.name));
    const added = routes.filter((route) => !known.includes(route));
    if (first === undefined || added.length === 0) return;
    this.#hosts.set(host.name, host.with([{ ...first, routes: [...known, ...added] }, ...rest]));
    const isUp = namespaceNames().includes(host.namespace);
    if (isUp) {
      const lines = added.map((route) => `route replace ${route}`);
      await command(["sh", "-eu"], { input: batch(host.namespace, lines) });
    }
  }

  /** Pulls the cable of an interface, so that it has no carrier, or plugs it in again. */
  async setCarrier(host: Host, device: string, present: boolean): Promise<void> {
    const found = host.interfaces.find(({ name }) => name === device);
    if (found === undefined) {
      const names = host.interfaces.map(({ name }) => name).join(", ");
      throw new LabError(`"${host.name}" has no interface "${device}"; it has ${names}`);
    }
    await command(["ip", "-n", this.#switch, "link", "set", found.port, present ? "up" : "down"]);
  }

  /** Drops packets of a host until `heal()`; a further cut replaces the previous one. */
  async cut(cut: Cut): Promise<void> {
    this.#cuts.set(cut.host, cut);
    await this.#applyCuts();
  }

  async heal(host: string): Promise<void> {
    if (this.#cuts.delete(host)) await this.#applyCuts();
  }

  #plan(plan: HostPlan): Host {
    checkHostName(plan.name);
    if (plan.name === SWITCH || this.#hosts.has(plan.name)) {
      throw new LabError(`lab "${this.lab}" has a host named "${plan.name}" already`);
    }
    for (const address of plan.interfaces.flatMap(({ addresses }) => addresses)) {
      const other = this.hostOf(address);
      if (other !== undefined)
        throw new LabError(`"${plan.name}" and "${other.name}" both have the address ${address}`);
    }
    const interfaces = plan.interfaces.map((wanted) => this.#interface(wanted));
    return new Host(this.lab, plan.name, interfaces, plan.forwards === true, this.root, plan.spreads === true);
  }

  #interface({ name, addresses, subnets = [], ...rest }: InterfacePlan): HostInterface {
    if (!/^[A-Za-z][A-Za-z0-9_.-]{0,14}$/.test(name)) {
      throw new LabError(
        `the name of an interface must be letters, digits, "_", "." and "-", start with a letter and have at most 15 characters, got ${JSON.stringify(name)}`,
      );
    }
    this.#ports += 1;
    const hex = this.#ports.toString(16).padStart(4, "0");
    const mac = `02:00:00:00:${hex.slice(0, 2)}:${hex.slice(2)}`;
    return { name, addresses, subnets, ...rest, port: `p${this.#ports}`, mac };
  }

  async #boot(hosts: readonly Host[]): Promise<void> {
    if (hosts.length === 0) return;
    const steps = hosts.map((host) => {
      const { forwards, spreads } = host;
      const also = [...(forwards ? FORWARDING : []), ...(spreads ? SPREADING : [])];
      const seed = host.interfaces[0]?.mac.replaceAll(":", "").slice(-4) ?? "1";
      return `ip netns add ${host.namespace}
ip netns exec ${host.namespace} sysctl -q -w ${[...SYSCTLS, ...also].join(" ")}
${spreads ? `ip netns exec ${host.namespace} sysctl -q -e -w ${SEED}=${Number.parseInt(seed, 16)}\n` : ""}\
${this.#cables(host, host.interfaces)}${addressing(host, host.interfaces)}`;
    });
    await command(["sh", "-eu"], { input: steps.join("") });
  }

  #cables(host: Host, interfaces: readonly HostInterface[]): string {
    const lines = interfaces.flatMap(({ name, port, mac }) => [
      `link add ${port} type veth peer name ${name} address ${mac} netns ${host.namespace}`,
      `link set ${port} master ${BRIDGE} up`,
    ]);
    return batch(this.#switch, lines);
  }

  /** Applies the cuts, one call after the other: the last one to load its rules must be one that knows all cuts. */
  #applyCuts(): Promise<void> {
    const applied = this.#cutting.then(() => this.#loadCuts());
    this.#cutting = applied.catch(() => {});
    return applied;
  }

  async #loadCuts(): Promise<void> {
    const ports = (name: string) => (this.#hosts.get(name)?.interfaces ?? []).map(({ port }) => `"${port}"`).join(", ");
    const rules = [...this.#cuts.values()].flatMap(({ host, direction, from }) => {
      const own = `{ ${ports(host)} }`;
      const others = from.map(ports).filter((list) => list !== "");
      const to = others.length === 0 ? "" : `oifname { ${others.join(", ")} } `;
      const by = others.length === 0 ? "" : `iifname { ${others.join(", ")} } `;
      return [
        ...(direction === "in" ? [] : [`iifname ${own} ${to}drop`]),
        ...(direction === "out" ? [] : [`${by}oifname ${own} drop`]),
      ];
    });
    const script = ["flush chain bridge lab cuts", ...rules.map((rule) => `add rule bridge lab cuts ${rule}`)];
    await command(["ip", "netns", "exec", this.#switch, "nft", "-f", "-"], { input: `${script.join("\n")}\n` });
  }
}

/** Default routes that need no router. */
function everywhere(device: string): string[] {
  return [`default dev ${device}`, `::/0 dev ${device}`];
}

function batch(namespace: string, lines: readonly string[]): string {
  return `ip -n ${namespace} -batch - <<'END'\n${lines.map((line) => `${line}\n`).join("")}END\n`;
}

/**
 * Configures addresses as /32 or /128 with an on-link default route through the first interface, so that no router is
 * needed, and routes to the subnets of further interfaces; or in networks and with routes, where the plan has them.
 */
function addressing(host: Host, interfaces: readonly HostInterface[]): string {
  const lines = interfaces.flatMap(({ name, addresses, subnets, networks = [], routes }, index) => [
    ...addresses.map((address) => {
      const network = networks.find((each) => cidrContains(each, address));
      const [, bits = address.includes(":") ? "128" : "32"] = network?.split("/") ?? [];
      return `address add ${address}/${bits} dev ${name}${address.includes(":") ? " nodad" : ""}`;
    }),
    `link set ${name} up`,
    ...(index === 0 && interfaces === host.interfaces
      ? (routes ?? everywhere(name)).map((route) => `route add ${route}`)
      : subnets.map((subnet) => `route add ${subnet} dev ${name}`)),
  ]);
  return batch(host.namespace, ["link set lo up", ...lines]);
}
