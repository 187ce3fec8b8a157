import { join } from "node:path";
import { canonicalAddress, cidrContains, familyOf, hostCidr } from "../../core/ip.js";
import type { LoadBalancer } from "../../model/load-balancer.js";
import { LabError } from "./errors.js";
import type { HostPlan, InterfacePlan, Network } from "./network.js";
import { LabRouter, type RouterWork, SECRETS } from "./router.js";
import { routerConf, routerSecrets, TRANSFER, upstreamConf } from "./router-files.js";
import { type Group, networksOf, type RouterPlan, routersOf, serviceRoutes } from "./router-plan.js";
import type { SecretResolver } from "./secret.js";

/** The parts of the lab that its routers use. */
export interface RoutersSurroundings {
  readonly network: Network;
  readonly secrets: SecretResolver;
  /** The directory for the files of all routers. */
  readonly directory: string;
  readonly ecmp: "plain" | "resilient";
  /** See `NodeFeatures`. */
  readonly namesAuthentication: boolean;
  /** Called before each event on a router. */
  disturbed(): Promise<void>;
}

const DEVICE = "eth0";
const UPSTREAM = "upstream";
const FAMILIES = ["ipv4", "ipv6"] as const;

/** The groups among some load balancers: those whose nodes announce their addresses by BGP. */
export function groupsOf(loadBalancers: readonly LoadBalancer[]): Group[] {
  return loadBalancers.flatMap(({ name, nodes, mobility }) =>
    mobility.kind === "bgp" ? [{ name, nodes, bgp: mobility, addresses: mobility.addresses }] : [],
  );
}

/**
 * The routers of a lab. Clients reach the addresses of groups by an upstream router, which spreads flows over the routers
 * before the nodes, and these over the nodes. A lab without groups has none.
 */
export class Routers {
  readonly #routers = new Map<string, { readonly plan: RouterPlan; readonly router: LabRouter }>();
  readonly #clients = new Set<string>();
  #groups: readonly Group[] = [];
  #plans: readonly RouterPlan[] = [];
  #upstream: LabRouter | undefined;

  constructor(private readonly surroundings: RoutersSurroundings) {}

  get all(): readonly LabRouter[] {
    const routers = [...this.#routers.values()].map(({ router }) => router);
    return this.#upstream === undefined ? routers : [...routers, this.#upstream];
  }

  router(name: string): LabRouter {
    const found = this.all.find(
      (router) => router.name === name || router.addresses.some((each) => isSame(each, name)),
    );
    if (found !== undefined) return found;
    const names = this.all.map((router) => router.name).join(", ") || "none";
    throw new LabError(`the lab has no router "${name}"; it has ${names}`);
  }

  /** The hosts of routers that the lab does not have yet. */
  hosts(loadBalancers: readonly LoadBalancer[]): HostPlan[] {
    const groups = groupsOf(loadBalancers);
    if (groups.length === 0) return [];
    this.#groups = groups;
    this.#plans = this.#named(routersOf(groups));
    const missing = this.#plans.filter(({ name }) => !this.#routers.has(name));
    const first = this.#upstream === undefined;
    const transfer = (address: (family: "ipv4" | "ipv6") => string) => FAMILIES.map(address);
    const host = (name: string, addresses: readonly string[], networks: readonly string[]): HostPlan => ({
      ...{ name, forwards: true, spreads: true },
      interfaces: [
        { name: DEVICE, addresses, networks: [...networks, ...transfer((family) => TRANSFER[family].network)] },
      ],
    });
    return [
      ...missing.map(({ name, addresses, sessions }) =>
        host(
          name,
          [...addresses, ...transfer((family) => TRANSFER[family].router(placeOf(name)))],
          sessions.map(({ network }) => network),
        ),
      ),
      ...(first
        ? [
            host(
              UPSTREAM,
              transfer((family) => TRANSFER[family].upstream),
              [],
            ),
          ]
        : []),
    ];
  }

  /** Nodes of groups reach all but clients without a router, and clients the addresses of groups by routers alone. */
  async route(loadBalancers: readonly LoadBalancer[], servers: readonly string[]): Promise<void> {
    if (this.#groups.length === 0) return;
    const { network } = this.surroundings;
    const own = loadBalancers.flatMap(({ nodes }) => nodes.flatMap(({ addresses }) => addresses));
    const near = [...new Set([...own, ...servers, ...this.#plans.flatMap(({ addresses }) => addresses)])];
    for (const group of this.#groups) {
      for (const node of group.nodes) {
        const host = network.host(node.name);
        if (host === undefined) continue;
        const networks = networksOf(group, node);
        const beyond = near
          .map(canonicalAddress)
          .filter((each) => !networks.some((known) => cidrContains(known, each)));
        await network.route(
          host,
          beyond.map((address) => `${hostCidr(address)} dev ${node.interface}`),
        );
      }
    }
    for (const address of this.#clients) {
      const host = network.hostOf(address);
      if (host !== undefined) await network.route(host, this.#ways());
    }
  }

  /** The interface of a client's host. */
  clientInterface(address: string): InterfacePlan {
    this.#clients.add(address);
    const routes = [`default dev ${DEVICE}`, `::/0 dev ${DEVICE}`, ...this.#ways()];
    return { name: DEVICE, addresses: [address], ...(this.#groups.length === 0 ? {} : { routes }) };
  }

  /** Lets all routers serve the groups, of which those that are new are started; or those that are present. */
  async converge(which: "all" | "present"): Promise<void> {
    if (this.#groups.length === 0 || (which === "present" && this.#upstream === undefined)) return;
    const { network, directory, ecmp, disturbed } = this.surroundings;
    const make = (name: string, addresses: readonly string[], work: RouterWork) =>
      new LabRouter(name, addresses, work, { network, directory: join(directory, name), ecmp, disturbed });
    const services = [...new Set(this.#groups.flatMap(({ addresses }) => addresses.map(canonicalAddress)))];
    const plans = which === "all" ? this.#plans : this.#plans.filter(({ name }) => this.#routers.has(name));
    for (const plan of plans) {
      const work = await this.#workOf(plan, services);
      const router = this.#routers.get(plan.name)?.router ?? make(plan.name, plan.addresses, work);
      this.#routers.set(plan.name, { plan, router });
      await router.become(work);
    }
    const bird = upstreamConf(plans, services);
    const work = { bird, services, sessions: new Map() };
    this.#upstream ??= make(
      UPSTREAM,
      FAMILIES.map((family) => TRANSFER[family].upstream),
      work,
    );
    await this.#upstream.become(work);
  }

  /** What is missing until each router spreads flows over all nodes. */
  async missing(loadBalancers: readonly LoadBalancer[]): Promise<string[]> {
    const wrong: string[] = [];
    for (const { nodes, addresses } of groupsOf(loadBalancers)) {
      const serving = nodes.filter(({ outOfService }) => outOfService !== true).map(({ name }) => name);
      for (const address of addresses) {
        const family = familyOf(address);
        for (const { plan, router } of this.#routers.values()) {
          const wanted = plan.sessions.filter((each) => each.family === family && serving.includes(each.node));
          const used = await router.nodes(address);
          const unused = wanted.filter(({ node }) => !used.includes(node)).map(({ node }) => node);
          if (unused.length > 0) wrong.push(`${router.name} sends nothing for ${address} to ${unused.join(" and ")}`);
        }
        if ((await this.#upstream?.nodes(address))?.length === 0) wrong.push(`no router announces ${address}`);
      }
    }
    return wrong;
  }

  #ways(): string[] {
    const through = { ipv4: TRANSFER.ipv4.upstream, ipv6: TRANSFER.ipv6.upstream };
    return serviceRoutes(this.#groups, through, DEVICE);
  }

  /** Routers keep their names. */
  #named(plans: readonly RouterPlan[]): RouterPlan[] {
    let next = this.#routers.size;
    return plans.map((plan) => {
      const known = [...this.#routers.values()].find(({ plan: { addresses } }) =>
        addresses.some((address) => plan.addresses.includes(address)),
      )?.plan;
      if (known === undefined) {
        next += 1;
        return { ...plan, name: `router${next}` };
      }
      const added = plan.addresses.find((address) => !known.addresses.includes(address));
      if (added === undefined) return { ...plan, name: known.name };
      throw new LabError(`${known.name} of the lab cannot get a further address, ${added}: start the lab with it`);
    });
  }

  async #workOf(plan: RouterPlan, services: readonly string[]): Promise<RouterWork> {
    const { directory, secrets, namesAuthentication } = this.surroundings;
    const passwords = new Map<string, string>();
    for (const { name, password } of plan.sessions) {
      if (password !== undefined) passwords.set(name, await secrets.resolve(password));
    }
    return {
      bird: routerConf(plan, {
        ...{ place: placeOf(plan.name), services, namesAuthentication },
        secrets: join(directory, plan.name, SECRETS),
      }),
      ...(passwords.size === 0 ? {} : { secrets: routerSecrets(passwords) }),
      sessions: new Map(
        plan.sessions.map(({ name, node, neighbor, bfd }) => [name, { node, neighbor, bfd: bfd !== undefined }]),
      ),
      services,
    };
  }
}

/** The number in the name of a router, from 1. */
function placeOf(name: string): number {
  return Number(name.replace("router", ""));
}

function isSame(one: string, other: string): boolean {
  return familyOf(other) !== undefined && canonicalAddress(one) === canonicalAddress(other);
}
