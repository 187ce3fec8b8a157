import type { RunOptions, RunResult } from "../run.js";

/** Where a bridge is, and how programs are run there. */
export interface Place {
  inside(argv: readonly string[]): readonly string[];
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/** A network namespace with addresses of its own on a bridge. */
export class BridgeHost {
  private constructor(
    private readonly place: Place,
    private readonly namespace: string,
  ) {}

  /** Makes it anew, with an IPv4 address and an IPv6 address that are given without the length of their prefixes. */
  static async attach(
    place: Place,
    bridge: string,
    [address, address6]: readonly [string, string],
  ): Promise<BridgeHost> {
    const namespace = `drill-${address}`;
    const port = `c${address.split(".").slice(-2).join("-")}`;
    const script = `
      ip netns delete ${namespace} 2>/dev/null || true
      ip link delete ${port} 2>/dev/null || true
      ip netns add ${namespace}
      ip link add ${port} type veth peer name eth0 netns ${namespace}
      ip link set ${port} master ${bridge} up
      ip -n ${namespace} link set lo up
      ip -n ${namespace} address add ${address}/24 dev eth0
      ip -n ${namespace} address add ${address6}/64 dev eth0 nodad
      ip -n ${namespace} link set eth0 up`;
    const { code, stderr } = await place.run(["sh", "-ec", script]);
    if (code !== 0) throw new Error(`cannot make host ${address}: ${stderr}`);
    return new BridgeHost(place, namespace);
  }

  /** The argument list that runs a program there. */
  readonly inside = (argv: readonly string[]): readonly string[] =>
    this.place.inside(["ip", "netns", "exec", this.namespace, ...argv]);

  run(argv: readonly string[]): Promise<RunResult> {
    return this.place.run(["ip", "netns", "exec", this.namespace, ...argv]);
  }

  /** Kills every process there, as a power cut would, and keeps the host. */
  async killAll(): Promise<void> {
    await this.place.run(["sh", "-c", `ip netns pids ${this.namespace} | xargs -r kill -KILL`]);
  }

  async remove(): Promise<void> {
    await this.place.run(["ip", "netns", "delete", this.namespace]);
  }
}
