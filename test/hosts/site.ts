import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { basename, join } from "node:path";
import { CertificateAuthority } from "../../lib/testing/lab/certificates.js";
import type { LabClient } from "../../lib/testing/lab/client.js";
import { Clients } from "../e2e/drill/clients.js";
import { Cuts } from "../e2e/drill/cuts.js";
import { ensureInstalled } from "../e2e/engine/install.js";
import { Namespace } from "../e2e/engine/namespace.js";
import { isAlive } from "../e2e/engine/process-id.js";
import { favour } from "../e2e/engine/processors.js";
import { startProxy } from "../e2e/engine/proxy.js";
import { until } from "../e2e/run.js";
import { makeTemporary, noteOwners, removeAbandoned, removeTemporary } from "../e2e/temporary.js";
import { Workspace } from "../e2e/workspace.js";
import { DnsServer, type DnsServerPlan } from "./dns-server.js";
import { DockerHost } from "./docker-host.js";
import { Guest, type GuestPlan } from "./guest.js";
import { SshKeys } from "./keys.js";
import { Machine } from "./machine.js";
import { addressesOf, BRIDGE, FORWARD, Network, PROXY, PROXY_PORT } from "./network.js";
import { provideMachineRoots, type Suite } from "./root.js";
import { Router } from "./router.js";

/** The Debian packages that machines and their network need of this machine. */
export const SITE_PACKAGES = ["systemd-container", "openssh-client", "iproute2", "nftables", "util-linux"] as const;

/** A machine of a site. */
export interface MachinePlan {
  readonly name: string;
  readonly suite: Suite;
  /** The last part of its addresses. */
  readonly number: number;
  /**
   * Whether its SSH server proves itself by a certificate of the site's authority.
   * @default false
   */
  readonly certified?: boolean;
  /**
   * The user-data of cloud-init, for a machine of trixie.
   * @default - cloud-init is there, and disabled
   */
  readonly userData?: string;
}

/** Options for `Site.open()`. */
export interface SiteOptions {
  readonly machines: readonly MachinePlan[];
  /** @default - none */
  readonly servers?: readonly DnsServerPlan[];
  /**
   * Whether machines get more of the processors than anything beside them, for what is measured.
   * @default false
   */
  readonly favoured?: boolean;
}

/** Machines, servers and clients on one switch, and the operator's side of it, from which Terraform connects. */
export class Site {
  readonly clients: Clients;
  readonly cuts: Cuts;
  readonly #machines: readonly Machine[];
  readonly #servers: DnsServer[] = [];
  readonly #dockerHosts: DockerHost[] = [];

  private constructor(
    readonly directory: string,
    private readonly network: Network,
    readonly keys: SshKeys,
    /** The authority of TLS certificates, which the clients believe. */
    readonly authority: CertificateAuthority,
    private readonly proxy: Server,
    machines: readonly Machine[],
    /** The socket of an SSH agent that has the operator's key. */
    readonly agent: string,
  ) {
    this.clients = new Clients(network.namespace, async () => BRIDGE, authority.pem);
    this.cuts = new Cuts(network.namespace);
    this.#machines = machines;
  }

  /** Makes it, with its machines off. */
  static async open({ machines, servers = [], favoured = false }: SiteOptions): Promise<Site> {
    removeAbandoned();
    await ensureInstalled(SITE_PACKAGES);
    const roots = await provideMachineRoots(machines.map(({ suite }) => suite));
    const directory = makeTemporary("hosts");
    const namespace = await Namespace.create();
    noteOwners(directory, namespace.init);
    const proxy = await startProxy(join(directory, "proxy.sock"));
    try {
      const network = await Network.create(namespace);
      startForwarder(namespace, join(directory, "proxy.sock"));
      if (favoured) favour(basename(directory));
      const keys = await SshKeys.create(join(directory, "keys"));
      const authority = await CertificateAuthority.create(join(directory, "authority"));
      const made = machines.map((plan) => makeMachine(plan, roots.get(plan.suite) ?? "", directory, network, keys));
      const agent = await keys.startAgent(namespace);
      const site = new Site(directory, network, keys, authority, proxy, await Promise.all(made), agent);
      for (const plan of servers) await site.addServer(plan);
      return site;
    } catch (error) {
      await close(directory, namespace, proxy);
      throw error;
    }
  }

  get machines(): readonly Machine[] {
    return this.#machines;
  }

  machine(name: string): Machine {
    const found = this.#machines.find((machine) => machine.name === name);
    if (found === undefined) throw new Error(`there is no machine ${name}`);
    return found;
  }

  server(name: string): DnsServer {
    const found = this.#servers.find((server) => server.name === name);
    if (found === undefined) throw new Error(`there is no server ${name}`);
    return found;
  }

  client(number: number): LabClient {
    return this.clients.at(...addressesOf(number));
  }

  /** Switches all machines on. Gives the seconds until all could be reached. */
  async start(): Promise<number> {
    return Math.max(...(await Promise.all(this.#machines.map((machine) => machine.start()))));
  }

  async addServer(plan: DnsServerPlan): Promise<void> {
    const host = await this.network.attach(plan.number);
    const [address] = addressesOf(plan.number);
    const directory = join(this.directory, `server-${plan.name}`);
    const certificate = plan.tlsName === undefined ? undefined : await this.authority.issue([plan.tlsName]);
    this.#servers.push(await DnsServer.start(plan, address, { host, directory, certificate }));
  }

  /** Starts a router on the operator's side, which leads clients to machines that announce addresses. */
  addRouter(nodes: readonly Machine[], password: string): Promise<Router> {
    return Router.start(this.network.namespace, join(this.directory, "router"), nodes, password);
  }

  /** Makes a guest with a kernel of its own, which is off. */
  async addGuest(plan: GuestPlan): Promise<Guest> {
    const { network, keys, directory } = this;
    return Guest.make(plan, { network, keys, directory: join(directory, plan.name), group: basename(directory) });
  }

  /** Starts a host with a Docker engine, whose provider finds relative paths where Terraform runs. */
  async addDockerHost(workingDirectory: string): Promise<DockerHost> {
    const host = await DockerHost.start(this.network, workingDirectory);
    this.#dockerHosts.push(host);
    return host;
  }

  /** A folder from which Terraform and cdktf connect to the machines. */
  workspace(
    environment: Readonly<Record<string, string | undefined>> = {},
    directory = makeTemporary("workspace"),
  ): Workspace {
    // The user's own settings say nothing here, and nobody is asked for newer versions.
    const all = { TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1", ...environment };
    return new Workspace(all, directory, (argv) => this.network.namespace.onNetwork(argv));
  }

  /** Ends all that runs, and removes all that was made. */
  async close(): Promise<void> {
    await this.clients.close();
    for (const host of this.#dockerHosts) await host.stop();
    await close(this.directory, this.network.namespace, this.proxy);
  }
}

async function makeMachine(plan: MachinePlan, base: string, site: string, network: Network, keys: SshKeys) {
  const { name, suite, number, certified = false, userData } = plan;
  const addresses = addressesOf(number);
  const hostKey = await keys.host(name, certified ? addresses : []);
  const directory = join(site, name);
  mkdirSync(directory);
  const known = certified
    ? `@cert-authority ${addresses.join(",")} ${keys.authority}`
    : `${addresses.join(",")} ${hostKey.known}`;
  writeFileSync(join(directory, "known_hosts"), `${known}\n`);
  return new Machine(
    { network, base, directory, group: join(basename(site), name), clientKey: keys.client },
    {
      ...{ name, suite, addresses, hostKey, authorized: keys.authorized },
      proxy: PROXY,
      ...(userData === undefined ? {} : { userData }),
    },
  );
}

/** Gives the machines a way out for HTTP, on the operator's address. */
function startForwarder(namespace: Namespace, socket: string): ChildProcess {
  const [program = "", ...args] = namespace.inside([process.execPath, FORWARD, String(PROXY_PORT), socket]);
  const forwarder = spawn(program, args, { stdio: "ignore" });
  forwarder.unref();
  return forwarder;
}

async function close(directory: string, namespace: Namespace, proxy: Server): Promise<void> {
  namespace.destroy();
  await until("the end of all machines", 30, () => !isAlive(namespace.init));
  proxy.close();
  proxy.closeAllConnections();
  removeTemporary(directory);
}
