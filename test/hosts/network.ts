import { join } from "node:path";
import { BridgeHost } from "../e2e/drill/bridge-host.js";
import type { Namespace } from "../e2e/engine/namespace.js";
import { mustRun } from "../e2e/run.js";

export const BRIDGE = "br0";
/** The operator's own addresses: Terraform connects from them. */
export const OPERATOR = ["10.0.0.1", "fd53::1"] as const;

export const PROXY_PORT = 3142;
/** Where HTTP gets out. */
export const PROXY = `http://${OPERATOR[0]}:${PROXY_PORT}`;

/** The addresses of number N, for hosts and machines. */
export function addressesOf(number: number): readonly [string, string] {
  return [`10.0.0.${number}`, `fd53::${number}`];
}

/** A switch without an uplink: no packet leaves this machine. */
export class Network {
  private constructor(readonly namespace: Namespace) {}

  static async create(namespace: Namespace): Promise<Network> {
    const [address, address6] = OPERATOR;
    // What is named below /run, and what stays there, is nobody's business outside.
    const script = `
      mount -t tmpfs -o mode=755 tmpfs /run
      ip link add ${BRIDGE} type bridge mcast_snooping 0
      ip address add ${address}/24 dev ${BRIDGE}
      ip address add ${address6}/64 dev ${BRIDGE} nodad
      ip link set ${BRIDGE} up`;
    await namespace.mustRun(["sh", "-ec", script]);
    return new Network(namespace);
  }

  /** Adds a host that is no machine: a network namespace for clients or servers. */
  attach(number: number): Promise<BridgeHost> {
    return BridgeHost.attach(this.namespace, BRIDGE, addressesOf(number));
  }

  /** Plugs the cable of a machine in, as soon as it has one. */
  async plug(port: string): Promise<void> {
    const script = `
      for _ in $(seq 500); do
        ip link set dev "$1" master ${BRIDGE} up 2>/dev/null && exit 0
        sleep 0.02
      done
      echo "there is no $1 after 10 s" >&2
      exit 1`;
    await this.namespace.mustRun(["sh", "-c", script, "sh", port]);
  }

  /** Gives another namespace an interface, and plugs its cable in. */
  async connect(port: string, other: Namespace, name: string): Promise<void> {
    const cable = ["ip", "link", "add", port, "type", "veth", "peer", "name", name, "netns", String(other.init.pid)];
    // Its process is known outside alone.
    await mustRun(this.namespace.onNetwork(cable));
    await other.mustRun(["ip", "link", "set", "dev", name, "up"]);
    await this.plug(port);
  }

  /** Makes the cable of a guest, and plugs it in. */
  async addTap(port: string): Promise<void> {
    await this.namespace.mustRun(["ip", "tuntap", "add", "dev", port, "mode", "tap"]);
    await this.plug(port);
  }

  /** Pulls the cable of a machine. */
  async pull(port: string): Promise<void> {
    await this.namespace.mustRun(["ip", "link", "set", "dev", port, "down"]);
  }

  /** Forgets a cable, if the kernel has not done so with the machine's network. */
  async forget(port: string): Promise<void> {
    await this.namespace.run(["ip", "link", "delete", "dev", port]);
  }
}

/** The program that hands connections to a unix socket. */
export const FORWARD = join(__dirname, "..", "e2e", "engine", "forward.mjs");
