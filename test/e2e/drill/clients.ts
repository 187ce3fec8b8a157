import { LabClient } from "../../../lib/testing/lab/client.js";
import { eagerly } from "../engine/processors.js";
import { BridgeHost, type Place } from "./bridge-host.js";

/** DNS clients with addresses of their own on a bridge. */
export class Clients {
  readonly #clients = new Map<string, { readonly client: LabClient; readonly host: Promise<BridgeHost> }>();

  constructor(
    private readonly place: Place,
    /** The bridge that there is when a client is first used. */
    private readonly bridge: () => Promise<string>,
    /** PEM text of the authority that they believe. */
    private readonly authority: string,
  ) {}

  /** The client with an IPv4 address and an IPv6 address, given without the length of their prefixes. */
  at(address: string, address6: string): LabClient {
    const known = this.#clients.get(address);
    if (known !== undefined) return known.client;
    const host = this.bridge().then((bridge) => BridgeHost.attach(this.place, bridge, [address, address6]));
    const attached = async () => {
      const { inside } = await host;
      return { inside: (argv: readonly string[]) => [...inside(eagerly(argv))] };
    };
    const client = new LabClient(address, attached, this.authority);
    this.#clients.set(address, { client, host });
    return client;
  }

  /** Runs a program where a client is. */
  async run(address: string, argv: readonly string[]) {
    const known = this.#clients.get(address);
    if (known === undefined) throw new Error(`there is no client ${address}`);
    return (await known.host).run(argv);
  }

  /** Ends all clients; the next use makes them anew, on the bridge as it is then. */
  async close(): Promise<void> {
    const known = [...this.#clients.values()];
    this.#clients.clear();
    for (const { client } of known) client.close();
    for (const { host } of known) await host.then((each) => each.remove()).catch(() => undefined);
  }
}
