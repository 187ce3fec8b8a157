import { join } from "node:path";
import { toMilliseconds } from "../../core/duration.js";
import { canonicalAddress, cidrContains, familyOf, hostPort } from "../../core/ip.js";
import { DNS_PORT } from "../../model/dns-listener.js";
import type { Frontend } from "../../model/frontend.js";
import { listenersOf } from "../../model/listener.js";
import { type LoadBalancer, sharedAddressesOf } from "../../model/load-balancer.js";
import { addressesOn, type NodeDescription } from "../../model/node.js";
import type { NodeSpec } from "../../model/node-spec.js";
import type { DaemonVersions } from "../../model/platform-profile.js";
import { compileNode } from "../../node/compile/index.js";
import { featuresOf } from "../../node/features.js";
import { checkVirtualAddresses, pickAddress } from "./addresses.js";
import { CertificateAuthority, type IssuedCertificate } from "./certificates.js";
import { forgetAtExit, removeAtExit, removeLab, removeLeftovers } from "./cleanup.js";
import { LabClient } from "./client.js";
import { makeDirectory } from "./directory.js";
import { LabError, LabTimeout } from "./errors.js";
import type { Host } from "./host.js";
import { holderOf, takeLock } from "./lock.js";
import { agentDirectory, checkLabName, labDirectory } from "./names.js";
import { type HostPlan, Network } from "./network.js";
import { LabNode, tailOf } from "./node.js";
import type { LabOptions, TakeoverOptions, WaitForOptions } from "./options.js";
import { installAgent, installPrograms, type LabPrograms } from "./programs.js";
import {
  checkRequirements,
  DAEMON_USER,
  type MissingRequirement,
  missingRequirements,
  PROGRAMS,
  ROUTER_PROGRAMS,
  WATCH_USER,
} from "./requirements.js";
import type { LabRouter } from "./router.js";
import { nodeRoutes } from "./router-plan.js";
import { groupsOf, Routers } from "./routers.js";
import { SecretResolver } from "./secret.js";
import { LabServer } from "./server.js";
import { type StandIn, standIns } from "./stand-in.js";
import { type ServicePoint, TakeoverWatch } from "./takeover.js";
import { installedVersions } from "./versions.js";
import { waitFor } from "./wait.js";

const READY = "waiting until the lab is ready";

/**
 * Runs load balancers on this machine, with downstream servers and clients, as real daemons in network namespaces of
 * their own. No packet leaves the machine, and everything ends with the process that started it.
 */
export class Lab {
  readonly #servers = new Map<string, { readonly server: LabServer; readonly standIn: StandIn }>();
  readonly #nodes = new Map<string, LabNode>();
  readonly #clients = new Map<string, LabClient>();
  readonly #routers: Routers;
  readonly #watch = new TakeoverWatch();
  readonly #secrets: SecretResolver;
  #loadBalancers: readonly LoadBalancer[] = [];
  #points: readonly ServicePoint[] | undefined;
  #stopped = false;

  protected constructor(
    /** The name of the lab, part of the names of its namespaces and files. */
    readonly name: string,
    private readonly options: LabOptions,
    private readonly versions: DaemonVersions,
    private readonly network: Network,
    private readonly programs: LabPrograms,
    /** Issues the certificates of the lab; its clients and nodes trust it. */
    readonly authority: CertificateAuthority,
  ) {
    this.#secrets = new SecretResolver(options.secrets ?? {}, authority);
    this.#routers = new Routers({
      network,
      secrets: this.#secrets,
      directory: this.#path("routers"),
      ecmp: options.ecmp ?? "plain",
      namesAuthentication: featuresOf(versions).namesAuthentication,
      disturbed: () => this.#disturbed(),
    });
  }

  /** The requirements of a lab that this machine, or the Debian system in the folder `root`, does not meet. */
  static missing({ root }: Pick<LabOptions, "root"> = {}): readonly MissingRequirement[] {
    return missingRequirements(PROGRAMS, root);
  }

  /** Removes the leftovers of one lab or of all labs whose process was killed, and returns their names. */
  static cleanup(name?: string): readonly string[] {
    if (name !== undefined) checkLabName(name);
    return removeLeftovers(name);
  }

  /** Starts load balancers and waits until they serve. Nothing is left behind if that fails. */
  static async start(loadBalancers: readonly LoadBalancer[], options: LabOptions = {}): Promise<Lab> {
    const { name = "lab", readyWithin = "30s", root } = options;
    checkLabName(name);
    checkVirtualAddresses(loadBalancers);
    checkRequirements(programsFor(loadBalancers), root);
    options.onProgress?.("looking at the daemons of this machine");
    const versions = options.versions ?? (await installedVersions(root));
    const holder = holderOf(name);
    if (holder === undefined) removeLab(name);
    takeLock(name);
    removeAtExit(name);
    let lab: Lab | undefined;
    try {
      options.onProgress?.("making the network and an authority for certificates");
      makeDirectory(labDirectory(name));
      const [network, authority] = await Promise.all([
        Network.create(name, root),
        CertificateAuthority.create(join(labDirectory(name), "certificates")),
      ]);
      lab = new this(name, options, versions, network, installPrograms(name, root), authority);
      await lab.#converge(loadBalancers, "together");
      if (toMilliseconds(readyWithin) > 0) await lab.waitUntilReady({ timeout: readyWithin });
      return lab;
    } catch (error) {
      if (lab !== undefined) await lab.stop();
      removeLab(name);
      forgetAtExit(name);
      throw error;
    }
  }

  /** The nodes of all load balancers. */
  get nodes(): readonly LabNode[] {
    return [...this.#nodes.values()];
  }

  /** The routers before the nodes of groups. */
  get routers(): readonly LabRouter[] {
    return this.#routers.all;
  }

  get servers(): readonly LabServer[] {
    return [...this.#servers.values()].map(({ server }) => server);
  }

  /** A node of a load balancer. */
  node(name: string): LabNode {
    const found = this.#nodes.get(name);
    if (found !== undefined) return found;
    throw new LabError(`the lab has no node "${name}"; it has ${[...this.#nodes.keys()].join(", ")}`);
  }

  /** A router before the nodes of a group, by its name (`router1`, in the order of neighbors) or by one of its addresses. */
  router(name: string): LabRouter {
    return this.#routers.router(name);
  }

  /** A downstream server by its name or, if two pools have one of that name, as `pool/server`. */
  server(name: string): LabServer {
    const found = this.servers.filter(({ plays }) => plays.some((each) => each === name || each.endsWith(`/${name}`)));
    const [first, ...others] = found;
    if (first !== undefined && others.length === 0) return first;
    const candidates = (first === undefined ? this.servers : found).flatMap(({ plays }) => plays).join(", ");
    throw new LabError(
      first === undefined
        ? `the lab has no server "${name}"; it has ${candidates}`
        : `the lab has several servers "${name}": choose one of ${candidates}`,
    );
  }

  /**
   * The client with an address, made at the first call; on the host that has the address, else on a host of its own.
   */
  client(address: string): LabClient {
    if (familyOf(address) === undefined) throw new LabError(`${JSON.stringify(address)} is not an IP address`);
    const own = canonicalAddress(address);
    const made = this.#clients.get(own);
    if (made !== undefined) return made;
    const client = new LabClient(own, () => this.#clientHost(own), this.authority.pem);
    this.#clients.set(own, client);
    return client;
  }

  /** Issues a certificate for a server or a client, trusted in the lab. */
  certificate(...names: readonly string[]): Promise<IssuedCertificate> {
    return this.authority.issue(names);
  }

  /**
   * Applies changed load balancers node after node, as a deployment would, and leaves out nodes that are out of service;
   * new servers start first.
   */
  async apply(loadBalancers: readonly LoadBalancer[]): Promise<void> {
    checkVirtualAddresses(loadBalancers);
    checkRequirements(programsFor(loadBalancers), this.options.root);
    await this.#converge(loadBalancers, "in turn");
  }

  /** The names of the nodes that hold a virtual address now. */
  async holders(address: string): Promise<readonly string[]> {
    const holds = await Promise.all(this.nodes.map(async (node) => [node.name, await node.holds(address)] as const));
    return holds.flatMap(([name, held]) => (held ? [name] : []));
  }

  /** Polls until a condition holds. */
  waitFor(condition: () => boolean | Promise<boolean>, options: WaitForOptions = {}): Promise<void> {
    const { timeout = "10s", what = "the condition holds" } = options;
    return waitFor(condition, { timeout: toMilliseconds(timeout), what });
  }

  /**
   * Waits until every frontend answers over UDP and TCP, every virtual address is on one node, and every router spreads flows
   * over all nodes of each group.
   */
  async waitUntilReady({ timeout = "30s" }: Pick<WaitForOptions, "timeout"> = {}): Promise<void> {
    const points = this.#servicePoints();
    const addresses = this.#loadBalancers.flatMap(({ virtualAddresses }) => virtualAddresses);
    this.#tell(READY);
    let missing = "";
    const ready = async () => {
      const wrong: string[] = [];
      for (const { address } of addresses) {
        const holders = await this.holders(address);
        if (holders.length !== 1) wrong.push(`${address} is on ${holders.join(" and ") || "no node"}`);
      }
      wrong.push(...(await this.#routers.missing(this.#loadBalancers)));
      for (const { client, server, port, name } of wrong.length > 0 ? [] : points) {
        for (const transport of ["udp", "tcp"] as const) {
          const { status } = await client.query(name, "TXT", { server, port, transport });
          if (status !== "NOERROR") wrong.push(`${name} TXT at ${hostPort(server, port)} over ${transport}: ${status}`);
        }
      }
      const before = missing;
      missing = wrong.join("; ");
      if (missing !== "" && missing !== before) this.#tell(`${READY}: ${missing}`);
      return wrong.length === 0;
    };
    try {
      await waitFor(ready, { what: "the lab is ready", timeout: toMilliseconds(timeout), every: 50 });
    } catch (error) {
      if (!(error instanceof LabTimeout)) throw error;
      throw new LabError(`${error.message}: ${missing}\n${this.nodes.map(tailOf).join("\n")}`);
    }
  }

  /**
   * The longest outage of the service after the last event on a node (a kill, a partition, a change), in milliseconds;
   * 0 without an outage. The virtual addresses are queried every 10 ms from just before the event until the service is
   * stable.
   */
  takeoverTime({ observe = "6s", timeout = "30s" }: TakeoverOptions = {}): Promise<number> {
    return this.#watch.end(toMilliseconds(observe), toMilliseconds(timeout));
  }

  /** Ends all processes of the lab and removes its namespaces and files. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const client of this.#clients.values()) client.close();
    for (const { server } of this.#servers.values()) server.close();
    for (const node of this.#nodes.values()) node.abandon();
    for (const router of this.#routers.all) router.abandon();
    removeLab(this.name);
    forgetAtExit(this.name);
  }

  #tell(what: string): void {
    this.options.onProgress?.(what);
  }

  #path(...parts: readonly string[]): string {
    return join(labDirectory(this.name), ...parts);
  }

  async #converge(loadBalancers: readonly LoadBalancer[], order: "together" | "in turn"): Promise<void> {
    const members = loadBalancers.flatMap((loadBalancer) =>
      loadBalancer.nodes.map((node) => ({ loadBalancer, node, spec: this.#compile(loadBalancer, node) })),
    );
    const duplicate = members.find(
      ({ node }, index) => members.findIndex((other) => other.node.name === node.name) < index,
    );
    if (duplicate !== undefined) throw new LabError(`two nodes of the lab are named "${duplicate.node.name}"`);
    const wanted = standIns(loadBalancers, this.options, this.versions);
    this.#tell("adding hosts to the network");
    await this.#addHosts(loadBalancers, wanted);
    for (const { spec } of members) {
      if (this.#nodes.has(spec.node)) continue;
      installAgent(spec.profile.paths.agent);
      this.#nodes.set(
        spec.node,
        new LabNode(spec, {
          network: this.network,
          secrets: this.#secrets,
          directory: this.#path("nodes", spec.node),
          restart: this.options.restart === true,
          disturbed: () => this.#disturbed(),
        }),
      );
    }
    this.#loadBalancers = loadBalancers;
    this.#points = undefined;
    const changed = members.filter(({ node }) => node.outOfService !== true);
    this.#tell(order === "together" ? "starting servers and nodes" : "starting the servers");
    const servers = this.#convergeServers(wanted);
    if (order === "together") {
      await this.#routers.converge("all");
      await Promise.all([servers, ...changed.map(({ spec }) => this.node(spec.node).apply(spec))]);
      return;
    }
    await servers;
    await this.#routers.converge("present");
    for (const { spec } of changed) {
      this.#tell(`node ${spec.node} takes its release`);
      await this.node(spec.node).apply(spec);
    }
    // Those that are new send no clients to nodes that have never served.
    await this.#routers.converge("all");
  }

  /** Something is about to happen to a node or a router. */
  async #disturbed(): Promise<void> {
    if (this.options.watchTakeovers !== false) await this.#watch.begin(this.#servicePoints("shared"));
  }

  #compile(loadBalancer: LoadBalancer, node: NodeDescription): NodeSpec {
    const directory = this.#path("nodes", node.name);
    return compileNode(loadBalancer, node, {
      name: "lab",
      versions: this.versions,
      paths: {
        state: join(directory, "state"),
        run: join(directory, "run"),
        agent: agentDirectory(this.name, node.name),
        trustStore: this.authority.certificate,
      },
      user: DAEMON_USER,
      watchUser: WATCH_USER,
      keepsAddresses: true,
      ownsRoutes: true,
      log: "stdout",
    });
  }

  /** Adds missing hosts, and missing interfaces for virtual addresses on existing hosts. */
  async #addHosts(loadBalancers: readonly LoadBalancer[], wanted: readonly StandIn[]): Promise<void> {
    const plans: HostPlan[] = [];
    const groups = groupsOf(loadBalancers);
    const isPlanned = (address: string) =>
      this.network.hostOf(address) !== undefined ||
      plans.some(({ interfaces }) => interfaces.some(({ addresses }) => addresses.includes(address)));
    const isNamed = (name: string) => this.network.host(name) !== undefined || plans.some((plan) => plan.name === name);
    for (const { name, nodes, virtualAddresses, mobility, frontends, statistics } of loadBalancers) {
      const carrier = mobility.kind === "vrrp" ? mobility.interface : undefined;
      const group = groups.find((each) => each.name === name);
      const served = frontends.flatMap(({ addresses }) => addresses).concat(statistics?.addresses ?? []);
      for (const node of nodes) {
        const listening = (node.interfaces ?? [])
          .filter(({ addresses }) => addresses.some((address) => served.some((each) => isSame(each, address))))
          .map(({ name }) => name);
        const used = [...virtualAddresses.map((virtual) => virtual.interface), ...(carrier ? [carrier] : [])];
        const names = new Set([node.interface, ...used, ...listening]);
        const host = this.network.host(node.name);
        const missing = [...names].filter((name) => !host?.interfaces.some((present) => present.name === name));
        const interfaces = missing.map((name) => ({
          name,
          addresses: [node.interface, carrier, ...listening].includes(name)
            ? addressesOn(node, name).map(canonicalAddress)
            : [],
          ...(name === carrier ? { subnets: node.interfaces?.find((each) => each.name === name)?.subnets ?? [] } : {}),
          ...(group !== undefined && name === node.interface ? nodeRoutes(group, node) : {}),
        }));
        if (host === undefined) plans.push({ name: node.name, interfaces });
        else if (group !== undefined && host.interfaces[0]?.routes === undefined) throw withoutRouters(node.name);
        else if (interfaces.length > 0) await this.network.extend(host, interfaces);
      }
      for (const { gateway } of virtualAddresses) {
        if (gateway === undefined || isPlanned(canonicalAddress(gateway))) continue;
        const address = canonicalAddress(gateway);
        const name = `router-${address.replaceAll(":", "-")}`;
        plans.push({ name, interfaces: [{ name: "eth0", addresses: [address] }], forwards: true });
      }
    }
    for (const { address, name, plays } of wanted) {
      if (isPlanned(address)) continue;
      const free = isNamed(name) ? (plays[0] ?? name).replace("/", ".") : name;
      plans.push({ name: free, interfaces: [{ name: "eth0", addresses: [address] }] });
    }
    await this.network.add([...plans, ...this.#routers.hosts(loadBalancers)]);
    await this.#routers.route(
      loadBalancers,
      wanted.map(({ address }) => address),
    );
  }

  async #clientHost(address: string): Promise<Host> {
    const present = this.network.hostOf(address);
    if (present !== undefined) return present;
    const name = `client-${address.replaceAll(":", "-")}`;
    const [host] = await this.network.add([{ name, interfaces: [this.#routers.clientInterface(address)] }]);
    if (host === undefined) throw new LabError(`no host was made for "${name}"`);
    return host;
  }

  async #convergeServers(wanted: readonly StandIn[]): Promise<void> {
    await Promise.all(
      wanted.map(async (standIn) => {
        const key = `${standIn.address} ${standIn.program}`;
        const known = this.#servers.get(key);
        if (known !== undefined) return known.server.become(standIn);
        const host = this.network.hostOf(standIn.address);
        if (host === undefined) throw new LabError(`server "${standIn.name}" has no host`);
        const directory = this.#path("servers", `${host.name}.${standIn.program}`);
        const certificates = new Map<string, IssuedCertificate>();
        for (const { tls } of standIn.ports) {
          if (tls !== undefined) certificates.set(tls, await this.authority.issue([tls, standIn.address]));
        }
        const program = standIn.program === "unbound" ? this.programs.unbound : standIn.program;
        const log = this.options.queryLog === false ? {} : { queryLog: join(directory, "queries") };
        const paths = { directory, program, certificates, ...log };
        const server = new LabServer(standIn, paths, host, this.network, this.options.restart === true);
        this.#servers.set(key, { server, standIn });
        await server.start();
      }),
    );
  }

  /** The addresses of the frontends, each with a client that the frontend serves. */
  #servicePoints(which: "all" | "shared" = "all"): readonly ServicePoint[] {
    this.#points ??= this.#findServicePoints();
    const points = this.#points;
    const shared = new Set(this.#loadBalancers.flatMap(sharedAddressesOf));
    const chosen = points.filter(({ server }) => shared.has(server));
    return which === "all" || chosen.length === 0 ? points : chosen;
  }

  #findServicePoints(): ServicePoint[] {
    const points: ServicePoint[] = [];
    for (const { frontends } of this.#loadBalancers) {
      for (const frontend of frontends) {
        const port = listenersOf(frontend, "dns")[0]?.port ?? DNS_PORT;
        for (const server of frontend.addresses) {
          const address = this.#clientAddressFor(frontend, server);
          const zone = frontend.pool.role === "resolver" ? "dns-lb.test." : frontend.pool.zones[0];
          if (address === undefined || zone === undefined) continue;
          const name = zone === "." ? "whoami." : `whoami.${zone}`;
          points.push({ frontend, server, port, client: this.client(address), name });
        }
      }
    }
    return points;
  }

  #clientAddressFor({ allowFrom, accessRules }: Frontend, server: string): string | undefined {
    const gateways = this.#loadBalancers.flatMap(({ virtualAddresses }) =>
      virtualAddresses.map(({ gateway }) => gateway),
    );
    const reserved = new Set([...this.#loadBalancers.flatMap(sharedAddressesOf), ...gateways]);
    const isTaken = (address: string) =>
      reserved.has(address) ||
      (this.network.hostOf(address) !== undefined && !this.#clients.has(address)) ||
      accessRules.some(({ from }) => from.some((network) => cidrContains(network, address)));
    return pickAddress(familyOf(server) ?? "ipv4", allowFrom, isTaken);
  }
}

function withoutRouters(node: string): LabError {
  return new LabError(`node "${node}" of the lab has no routers before it: announce addresses by a node that is new`);
}

/** The programs that a lab with some load balancers runs. */
function programsFor(loadBalancers: readonly LoadBalancer[]): typeof PROGRAMS {
  if (groupsOf(loadBalancers).length === 0) return PROGRAMS;
  return { ...PROGRAMS, hosts: { ...PROGRAMS.hosts, ...ROUTER_PROGRAMS } };
}

function isSame(one: string, other: string): boolean {
  return canonicalAddress(one) === canonicalAddress(other);
}
