import { Construct } from "constructs";
import { checkName } from "../dns/construct-name.js";
import { type IServer, SERVER, type ServerHandle } from "../dns/server.js";
import type { DnsServer } from "../model/dns-server.js";
import type { LoadBalancerNode } from "../model/load-balancer.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import type { DeployedServer, Server } from "../model/server.js";
import { compileServerNode } from "../node/compile/server-node.js";
import { brand } from "../terraform/brand.js";
import { integer, port } from "../terraform/fields.js";
import type { ILoadBalancerNode } from "../terraform/load-balancer-node.js";
import { checkNode, claimNode, LOAD_BALANCER_NODE } from "../terraform/nodes.js";
import type { Report } from "../terraform/parse.js";
import { rememberPlace } from "../terraform/place.js";
import { oneOf, type Shape, withDefault } from "../terraform/schema.js";

/** Properties of every kind of server. */
export interface ServerProps {
  /** Where it runs. */
  readonly node: ILoadBalancerNode;
  /**
   * The port that it answers on, UDP and TCP, at the node's addresses.
   * @default 53
   */
  readonly port?: number;
  /**
   * What it takes for the client: who sends the query, or what the load balancer says by the PROXY protocol. Must be
   * what the pools say that it is in; with the PROXY protocol nobody can ask it without.
   * @default "hidden"
   */
  readonly clientAddress?: "hidden" | "proxy-protocol";
}

/** The schemas of what every kind of server takes. */
export const SERVER_SHAPE = {
  node: LOAD_BALANCER_NODE,
  port: withDefault(port, 53),
  clientAddress: withDefault(oneOf<"hidden" | "proxy-protocol">({ hidden: true, "proxy-protocol": true }), "hidden"),
} satisfies Shape<ServerProps>;

/** The schema of how many threads or processes share the work. */
export const WORKERS = integer(1, 64);

/** A server in the construct tree. */
export abstract class ServerBase extends Construct implements IServer {
  abstract readonly [SERVER]: ServerHandle;

  constructor(scope: Construct, id: string, kind: "UnboundServer" | "NsdServer") {
    super(scope, id);
    rememberPlace(this);
    brand(this, kind);
  }
}

/** Reports what is wrong with any kind of server. */
export function checkServer(scope: ServerBase, { node }: ServerProps, report: Report): void {
  checkName(scope, report);
  checkNode(node, ["node"], report);
}

/** What the kinds of server differ in. */
export interface HandleParts extends Pick<ServerHandle, "role" | "zones"> {
  readonly node: ILoadBalancerNode;
  readonly name: string;
  readonly port: number;
  readonly deployed: DeployedServer;
  /** Asked whenever it is compiled: a primary server learns of its secondaries later. */
  readonly model: () => DnsServer;
}

/** Hands a server to its node, and shows it to pools and tests. */
export class Handle implements ServerHandle {
  readonly role: ServerHandle["role"];
  readonly zones?: readonly string[];
  readonly server: Server;
  readonly node: LoadBalancerNode;
  readonly profile: PlatformProfile;

  constructor(
    scope: ServerBase,
    private readonly parts: HandleParts,
  ) {
    const { node, name, port, deployed, role, zones } = parts;
    this.role = role;
    if (zones !== undefined) this.zones = zones;
    this.node = node.description;
    this.profile = node.profile;
    this.server = { name, address: node.description.addresses[0] ?? "", port, weight: 1, deployed };
    claimNode(node, scope.node.path);
    node.bind({ loadBalancer: scope.node.path, spec: () => this.specOf(this.profile), after: [] });
  }

  model(): DnsServer {
    return this.parts.model();
  }

  specOf(profile: PlatformProfile): NodeSpec {
    return compileServerNode(this.model(), profile);
  }
}
