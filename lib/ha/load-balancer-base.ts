import { Annotations, type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { formatProblems, InternalError, type Problem } from "../core/errors.js";
import { daemonName } from "../core/names.js";
import { DnsFrontend, type DnsFrontendOptions } from "../dns/dns-frontend.js";
import {
  type BoundFrontend,
  type ILoadBalancer,
  LOAD_BALANCER,
  type LoadBalancerBinding,
  type ScopedProblem,
} from "../dns/load-balancer.js";
import type { LoadBalancer, LoadBalancerPlan } from "../model/load-balancer.js";
import { type NodeDescription, ownAddressesOf } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import { reasonsToInspect, withTcpPaths } from "../model/query-inspection.js";
import { compileNode } from "../node/compile/index.js";
import { type AddressHolder, addressHolders } from "../rules/address-holders.js";
import { type AnnouncingGroup, announcedElsewhere, announcedTwice } from "../rules/announced-addresses.js";
import { scarceConnections } from "../rules/connection-shares.js";
import { brokenRules } from "../rules/index.js";
import { mixedProxyHeaders } from "../rules/proxy-headers.js";
import type { Part } from "../rules/rule.js";
import { serverPlaces } from "../rules/server-places.js";
import { strayAddress } from "../rules/stray-addresses.js";
import { type VirtualRouter, virtualRouterIds } from "../rules/virtual-router-ids.js";
import { transfersOverOldTls } from "../rules/zone-operations.js";
import { brand, isOfKind } from "../terraform/brand.js";
import { withConstructIds } from "../terraform/changed-names.js";
import type { INode } from "../terraform/node.js";
import { claimNode, ownerOf } from "../terraform/node-field.js";
import { announceOutOfService, orderOfChanges } from "../terraform/out-of-service.js";
import { placeOf } from "../terraform/parent.js";
import { extended } from "../terraform/readable.js";
import { knownSubnetsOf, nodesIn, shareNetwork, subnetsReachedFrom } from "../terraform/segments.js";
import { problemLine, recordSourceLocation } from "../terraform/source-location.js";
import { extraHint } from "./extra-hint.js";
import { newerDaemons } from "./newer-daemons.js";
import { writeLoadBalancerReview } from "./review.js";
import { type ServerSettingsOptions, serverSettingsFor } from "./server-settings.js";
import { carriersOf } from "./virtual-addresses.js";

/** A load balancer in the construct tree. */
export abstract class LoadBalancerBase extends Construct implements ILoadBalancer {
  abstract readonly [LOAD_BALANCER]: LoadBalancerBinding;

  constructor(scope: Construct, id: string, kind: "HaPair" | "AnycastGroup" | "StandaloneLoadBalancer") {
    super(...placeOf(kind, scope, id));
    recordSourceLocation(this);
    brand(this, "LoadBalancer");
  }

  /** Serves DNS on one port of some addresses, UDP and TCP, from one pool. */
  addDnsFrontend(id: string, options: DnsFrontendOptions): DnsFrontend {
    return new DnsFrontend(this, id, extended(options, { loadBalancer: this }));
  }

  /**
   * What a server that the app does not deploy needs in its own configuration, to learn the addresses of clients from this
   * load balancer: lines for whoever configures it, such as in an output or a template. None is written anywhere.
   *
   * @throws ValidationError if the pool hides clients, or the version of the server is too old
   */
  serverSettings(options: ServerSettingsOptions): readonly string[] {
    return serverSettingsFor(this, this[LOAD_BALANCER].model(), options);
  }
}

/** The parts of a load balancer that differ between the kinds. */
export interface LoadBalancerParts {
  readonly nodes: readonly INode[];
  readonly model: Omit<LoadBalancer, "name" | "nodes" | "frontends">;
  readonly defaultAddresses: readonly string[];
}

/** Builds the model of a load balancer, binds it to its nodes, and validates it at synthesis. */
export class LoadBalancerBuilder implements LoadBalancerBinding {
  readonly defaultAddresses: readonly string[];
  readonly networks: readonly string[];
  private readonly bound: BoundFrontend[] = [];
  private readonly warned = new Set<Problem["code"]>();
  private toldTcpPaths = false;
  private toldExtra = false;
  private readonly compiled = new Map<string, { readonly key: string; readonly spec: NodeSpec | undefined }>();

  constructor(
    private readonly scope: IConstruct,
    private readonly parts: LoadBalancerParts,
  ) {
    this.defaultAddresses = parts.defaultAddresses;
    this.networks = parts.nodes.map(({ network }) => network);
    scope.node.addValidation({
      validate: () => {
        this.warn();
        return this.problems().map((problem) => this.lineOf(problem));
      },
    });
    this.bindNodes();
    writeLoadBalancerReview(scope, this);
  }

  addFrontend(frontend: BoundFrontend): void {
    this.bound.push(frontend);
  }

  model(): LoadBalancer {
    return withTcpPaths(this.plan());
  }

  private plan(): LoadBalancerPlan {
    return {
      name: daemonName(this.scope.node.id),
      nodes: this.parts.nodes.map(({ description }) => description),
      frontends: this.frontends().map((frontend) => frontend.model()),
      ...this.parts.model,
    };
  }

  profileOf({ name }: NodeDescription): PlatformProfile {
    const node = this.parts.nodes.find(({ description }) => description.name === name);
    if (node === undefined) throw new InternalError(`load balancer ${this.scope.node.path} has no node "${name}"`);
    return node.profile;
  }

  specOf(node: NodeDescription): NodeSpec | undefined {
    const model = this.model();
    const key = JSON.stringify(model);
    const known = this.compiled.get(node.name);
    if (known?.key === key) return known.spec;
    const spec = brokenRules(model).length > 0 ? undefined : compileNode(model, node, this.profileOf(node));
    this.compiled.set(node.name, { key, spec });
    return spec;
  }

  problems(): readonly ScopedProblem[] {
    const model = this.model();
    const broken = [
      ...brokenRules(model),
      ...newerDaemons(model, (node) => this.profileOf(node).versions),
      ...serverPlaces(model, subnetsReachedFrom(this.parts.nodes)),
    ];
    const ofParts = broken.map((problem) => scopedProblem(this.constructOf(problem.part), problem));
    const router = routerOf(this.scope, this);
    const ofIds = router === undefined ? [] : virtualRouterIds(router, routersIn(this.scope.node.root));
    const ofAddresses = [...this.virtualAddressProblems(), ...this.announcedAddressProblems()];
    return [...ofParts, ...[...ofIds, ...ofAddresses].map((problem) => scopedProblem(this.scope, problem))].sort(
      (a, b) => (a.path + a.text < b.path + b.text ? -1 : 1),
    );
  }

  private virtualAddressProblems(): readonly Problem[] {
    const { nodes, model } = this.parts;
    if (model.virtualAddresses.length === 0) return [];
    const addresses = model.virtualAddresses.map(({ address }) => address);
    return [
      ...addressHolders(addresses, othersOnNetworksOf(this.scope, nodes)),
      ...straysAmong(nodes, model.virtualAddresses),
    ];
  }

  private announcedAddressProblems(): readonly Problem[] {
    const group = groupOf(this.scope, this);
    if (group === undefined) return [];
    const others = nodesIn(this.scope.node.root).filter((node) => !this.parts.nodes.includes(node));
    return [
      ...announcedTwice(group, groupsIn(this.scope.node.root)),
      ...announcedElsewhere(
        group,
        others.map(({ node: { path }, description }) => ({
          title: `an address of ${path}`,
          addresses: ownAddressesOf(description),
        })),
      ),
    ];
  }

  /** Prints, each once, what is not wrong but deserves a word. Synthesis collects annotations after it has validated. */
  private warn(): void {
    const model = this.model();
    for (const problem of [scarceConnections(model), mixedProxyHeaders(model), transfersOverOldTls(model)]) {
      if (problem === undefined || this.warned.has(problem.code)) continue;
      this.warned.add(problem.code);
      Annotations.of(this.scope).addWarning(withConstructIds(this.scope.node.root, formatProblems([problem])));
    }
    this.tellTcpPaths();
    this.tellExtra(model);
  }

  /** Says, once, which settings of daemons the library does not know. */
  private tellExtra({ extra }: LoadBalancer): void {
    if (this.toldExtra) return;
    this.toldExtra = true;
    const told = [
      { construct: this.scope, text: extraHint("the load balancer", extra) },
      ...this.frontends().map((each) => ({
        construct: each.construct,
        text: extraHint("the frontend", each.model().extra),
      })),
    ];
    for (const { construct, text } of told) if (text !== undefined) Annotations.of(construct).addInfo(text);
  }

  /** Says, once for each frontend that has not chosen, that its TCP is inspected, and why. */
  private tellTcpPaths(): void {
    if (this.toldTcpPaths) return;
    this.toldTcpPaths = true;
    const plan = this.plan();
    for (const frontend of this.frontends()) {
      const model = frontend.model();
      const [reason] = model.tcpPath === undefined ? reasonsToInspect(plan, model) : [];
      if (reason === undefined) continue;
      const text = `TCP is inspected by dnsdist, because ${reason}; tcpPath: "inspected" says so in words`;
      Annotations.of(frontend.construct).addInfo(withConstructIds(this.scope.node.root, text));
    }
  }

  /**
   * Orders changes node by node: by dependencies of resources within a stack, by dependencies of stacks otherwise. Nodes
   * out of service come last.
   */
  private bindNodes(): void {
    let after: readonly ITerraformDependable[] = [];
    let previous: INode | undefined;
    const nodes = orderOfChanges(this.parts.nodes);
    announceOutOfService(nodes);
    for (const node of nodes) {
      claimNode(node, this.scope.node.path);
      const inOtherStack = previous !== undefined && orderStacks(previous, node);
      const { done } = node.bind({
        workload: this.scope.node.path,
        spec: () => this.specOf(node.description),
        others: nodes.filter((each) => each !== node),
        after: inOtherStack ? [] : after,
      });
      after = done;
      previous = node;
    }
  }

  /** Sorted by name, so that the order of declaration does not matter. */
  private frontends(): readonly BoundFrontend[] {
    return [...this.bound].sort((a, b) => (a.construct.node.id < b.construct.node.id ? -1 : 1));
  }

  private constructOf(part: Part): IConstruct {
    const frontends = this.frontends();
    switch (part.kind) {
      case "load-balancer":
        return this.scope;
      case "frontend":
        return frontends[part.index]?.construct ?? this.scope;
      case "listener":
        return frontends[part.frontend]?.listeners()[part.index] ?? this.scope;
    }
  }

  /** The line without the load balancer's own path, which cdktf prints itself. */
  private lineOf({ path, text }: ScopedProblem): string {
    return path === this.scope.node.path ? text : `[${path}] ${text}`;
  }
}

function scopedProblem(construct: IConstruct, problem: Problem): ScopedProblem {
  return { path: construct.node.path, text: withConstructIds(construct.node.root, problemLine(construct, problem)) };
}

function orderStacks(first: INode, second: INode): boolean {
  const [before, after] = [TerraformStack.of(first), TerraformStack.of(second)];
  if (before === after) return false;
  if (!before.dependsOn(after)) after.addDependency(before);
  return true;
}

/** Who has addresses on the networks of the nodes of a pair, but for the pair: each problem is reported by one of two pairs. */
function othersOnNetworksOf(pair: IConstruct, nodes: readonly INode[]): readonly AddressHolder[] {
  const others = nodesIn(pair.node.root).filter(
    (other) => !nodes.includes(other) && nodes.some((node) => shareNetwork(node, other)),
  );
  const owners = new Set(others.map(ownerOf));
  const pairs = pair.node.root.node
    .findAll()
    .filter((each): each is ILoadBalancer & IConstruct => isOfKind(each, "LoadBalancer"))
    .filter(({ node: { path } }) => owners.has(path) && path < pair.node.path);
  return [
    ...pairs.map((each) => ({
      title: `a virtual address of ${each.node.path}`,
      addresses: each[LOAD_BALANCER].model().virtualAddresses.map(({ address }) => address),
    })),
    ...others.flatMap(({ node: { path }, description, routers = [] }) => [
      { title: `an address of ${path}`, addresses: ownAddressesOf(description) },
      { title: `the router of a network of ${path}`, addresses: routers },
    ]),
  ];
}

/** DNSLB119: virtual addresses in the networks of other nodes of the app. */
function straysAmong(nodes: readonly INode[], virtualAddresses: LoadBalancer["virtualAddresses"]): readonly Problem[] {
  const others = nodesIn(nodes[0]?.node.root as IConstruct)
    .filter((other) => !nodes.includes(other))
    .flatMap((other) => knownSubnetsOf(other).map((subnet) => ({ subnet, title: `a network of ${other.node.path}` })));
  return virtualAddresses.flatMap(({ address, interface: device }, index) =>
    strayAddress(address, carriersOf(nodes, device), others).map((message) => ({
      code: "DNSLB119" as const,
      property: `virtualAddresses[${index}].address`,
      message,
    })),
  );
}

/** What some load balancers of an app are, beside a load balancer. */
function among<T>(root: IConstruct, pick: (construct: IConstruct, handle: LoadBalancerBinding) => T | undefined): T[] {
  return root.node.findAll().flatMap((construct) => {
    const found = isOfKind(construct, "LoadBalancer")
      ? pick(construct, (construct as ILoadBalancer)[LOAD_BALANCER])
      : undefined;
    return found === undefined ? [] : [found];
  });
}

const routersIn = (root: IConstruct): readonly VirtualRouter[] => among(root, routerOf);
const groupsIn = (root: IConstruct): readonly AnnouncingGroup[] => among(root, groupOf);

function routerOf(construct: IConstruct, handle: LoadBalancerBinding): VirtualRouter | undefined {
  const { mobility } = handle.model();
  if (mobility.kind !== "vrrp") return undefined;
  return { path: construct.node.path, virtualRouterId: mobility.virtualRouterId, networks: handle.networks };
}

function groupOf(construct: IConstruct, handle: LoadBalancerBinding): AnnouncingGroup | undefined {
  const { mobility } = handle.model();
  if (mobility.kind !== "bgp") return undefined;
  return { path: construct.node.path, asn: mobility.asn, addresses: mobility.addresses };
}
