import { Construct } from "constructs";
import { checkName } from "../dns/construct-name.js";
import { DEPLOYED_SERVER, type IDeployedServer, type ServerBinding } from "../dns/deployed-server.js";
import type { DeployedServer } from "../model/deployed-server.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import type { ClientPolicy, PoolMember } from "../model/pool-member.js";
import { compileServerNode } from "../node/compile/server-node.js";
import { brand } from "../terraform/brand.js";
import { integer, port } from "../terraform/fields.js";
import type { INode } from "../terraform/node.js";
import { checkNode, claimNode, NODE } from "../terraform/node-field.js";
import type { Report } from "../terraform/parse.js";
import { oneOf, type Shape, withDefault } from "../terraform/schema.js";
import { recordSourceLocation } from "../terraform/source-location.js";

/** Properties of every kind of server. */
export interface ServerProps {
  /** Where it runs. */
  readonly node: INode;
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
  node: NODE,
  port: withDefault(port, 53),
  clientAddress: withDefault(oneOf<"hidden" | "proxy-protocol">({ hidden: true, "proxy-protocol": true }), "hidden"),
} satisfies Shape<ServerProps>;

/** The schema of how many threads or processes share the work. */
export const WORKERS = integer(1, 64);

/** A server in the construct tree. */
export abstract class ServerBase extends Construct implements IDeployedServer {
  abstract readonly [DEPLOYED_SERVER]: ServerBinding;

  constructor(scope: Construct, id: string, kind: "UnboundServer" | "NsdServer") {
    super(scope, id);
    recordSourceLocation(this);
    brand(this, kind);
  }
}

/** Reports what is wrong with any kind of server. */
export function checkServer(scope: ServerBase, { node }: ServerProps, report: Report): void {
  checkName(scope, report);
  checkNode(node, ["node"], report);
}

/** What the kinds of server differ in. */
export interface ServerParts extends Pick<ServerBinding, "role" | "zones"> {
  readonly node: INode;
  readonly name: string;
  readonly port: number;
  readonly deployed: ClientPolicy;
  /** Asked whenever it is compiled: a primary server learns of its secondaries later. */
  readonly model: () => DeployedServer;
}

/** Hands a server to its node, and shows it to pools and tests. */
export class ServerBuilder implements ServerBinding {
  readonly role: ServerBinding["role"];
  readonly zones?: readonly string[];
  readonly server: PoolMember;
  readonly node: NodeDescription;
  readonly profile: PlatformProfile;

  constructor(
    scope: ServerBase,
    private readonly parts: ServerParts,
  ) {
    const { node, name, port, deployed, role, zones } = parts;
    this.role = role;
    if (zones !== undefined) this.zones = zones;
    this.node = node.description;
    this.profile = node.profile;
    this.server = { name, address: node.description.addresses[0] ?? "", port, weight: 1, deployed };
    claimNode(node, scope.node.path);
    node.bind({ workload: scope.node.path, spec: () => this.specOf(this.profile), after: [] });
  }

  model(): DeployedServer {
    return this.parts.model();
  }

  specOf(profile: PlatformProfile): NodeSpec {
    return compileServerNode(this.model(), profile);
  }
}
