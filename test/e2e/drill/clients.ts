import { LabClient } from "../../../lib/testing/lab/client.js";
import { eagerly } from "../engine/processors.js";
import type { Engine } from "../engine.js";

/** DNS clients with addresses of their own on a bridge of the engine. */
export class Clients {
  readonly #clients = new Map<string, { readonly client: LabClient; readonly namespace: string }>();

  constructor(
    private readonly engine: Engine,
    private readonly network: string,
    /** PEM text of the authority that they believe. */
    private readonly authority: string,
  ) {}

  /** The client with an IPv4 address and an IPv6 address, given without the length of their prefixes. */
  at(address: string, address6: string): LabClient {
    const known = this.#clients.get(address);
    if (known !== undefined) return known.client;
    const namespace = `drill-${address}`;
    const inside = (argv: readonly string[]) => [
      ...this.engine.inside(["ip", "netns", "exec", namespace, ...eagerly(argv)]),
    ];
    const attached = this.#attach(namespace, address, address6);
    const client = new LabClient(address, () => attached.then(() => ({ inside })), this.authority);
    this.#clients.set(address, { client, namespace });
    return client;
  }

  /** Runs a program where a client is. */
  run(address: string, argv: readonly string[]) {
    const known = this.#clients.get(address);
    if (known === undefined) throw new Error(`there is no client ${address}`);
    return this.engine.run(["ip", "netns", "exec", known.namespace, ...argv]);
  }

  /** Ends all clients; the next use makes them anew, on the bridge as it is then. */
  async close(): Promise<void> {
    const known = [...this.#clients.values()];
    this.#clients.clear();
    for (const { client } of known) client.close();
    for (const { namespace } of known) await this.engine.run(["ip", "netns", "delete", namespace]);
  }

  async #attach(namespace: string, address: string, address6: string): Promise<void> {
    const { Id: id } = await this.engine.docker.getNetwork(this.network).inspect();
    const port = `c${address.split(".").slice(-2).join("-")}`;
    const script = `
      ip netns delete ${namespace} 2>/dev/null || true
      ip link delete ${port} 2>/dev/null || true
      ip netns add ${namespace}
      ip link add ${port} type veth peer name eth0 netns ${namespace}
      ip link set ${port} master br-${id.slice(0, 12)} up
      ip -n ${namespace} link set lo up
      ip -n ${namespace} address add ${address}/24 dev eth0
      ip -n ${namespace} address add ${address6}/64 dev eth0 nodad
      ip -n ${namespace} link set eth0 up`;
    const { code, stderr } = await this.engine.run(["sh", "-ec", script]);
    if (code !== 0) throw new Error(`cannot make client ${address}: ${stderr}`);
  }
}
