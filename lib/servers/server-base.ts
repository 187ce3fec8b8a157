import { Construct } from "constructs";
import { checkName } from "../dns/construct-name.js";
import { DEPLOYED_SERVER, type IDeployedServer, type ServerBinding } from "../dns/deployed-server.js";
import type { DeployedServer } from "../model/deployed-server.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import type { ClientPolicy, PoolMember } from "../model/pool-member.js";
import { compileServerNode } from "../node/compile/server-node.js";
import { REVIEW_FOLDER, serverReviewFiles } from "../review/index.js";
import { brand } from "../terraform/brand.js";
import { integer, port } from "../terraform/fields.js";
import type { INode } from "../terraform/node.js";
import { checkNode, claimNode, NODE } from "../terraform/node-field.js";
import { checkInService } from "../terraform/out-of-service.js";
import { placeOf } from "../terraform/parent.js";
import type { Report } from "../terraform/parse.js";
import { writeReview } from "../terraform/review-folder.js";
import { oneOf, type Shape, withDefault } from "../terraform/schema.js";
import { subnetsReachedFrom } from "../terraform/segments.js";
import { problemLine, recordSourceLocation } from "../terraform/source-location.js";
import { peerPlaces } from "./peer-places.js";

/** Properties of every kind of server. */
export interface ServerProps {
  /** The node that runs the server. */
  readonly node: INode;
  /**
   * The port on which the server answers, UDP and TCP, at the node's addresses.
   * @default 53
   */
  readonly port?: number;
  /**
   * The client address of a query: the sender's (`"hidden"`), or the one in the PROXY header, without which no query is
   * answered then. Must be the same as the `clientAddress` of the server's pools.
   * @default "hidden"
   */
  readonly clientAddress?: "hidden" | "proxy-protocol";
}

/** The schemas of the properties of every kind of server. */
export const SERVER_SHAPE = {
  node: NODE,
  port: withDefault(port, 53),
  clientAddress: withDefault(oneOf<"hidden" | "proxy-protocol">({ hidden: true, "proxy-protocol": true }), "hidden"),
} satisfies Shape<ServerProps>;

/** The schema of a number of threads or processes. */
export const WORKERS = integer(1, 64);

/** A server in the construct tree. */
export abstract class ServerBase extends Construct implements IDeployedServer {
  abstract readonly [DEPLOYED_SERVER]: ServerBinding;

  constructor(scope: Construct, id: string, kind: "UnboundServer" | "NsdServer") {
    super(...placeOf(kind, scope, id));
    recordSourceLocation(this);
    brand(this, kind);
  }
}

/** Reports problems that every kind of server can have. */
export function checkServer(scope: ServerBase, { node }: ServerProps, report: Report): void {
  checkName(scope, report);
  checkNode(node, ["node"], report);
  checkInService(node, ["node"], report);
}

/** The parts of a server that differ between the kinds. */
export interface ServerParts extends Pick<ServerBinding, "role" | "zones"> {
  readonly node: INode;
  readonly name: string;
  readonly port: number;
  readonly deployed: ClientPolicy;
  /** Called at each compilation, because secondaries register with a primary server later. */
  readonly model: () => DeployedServer;
}

/** Binds a server to its node, and is its internal interface for pools and tests. */
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
    scope.node.addValidation({
      validate: () =>
        peerPlaces(this.model(), subnetsReachedFrom([node])).map((problem) => problemLine(scope, problem)),
    });
    node.bind({ workload: scope.node.path, spec: () => this.specOf(this.profile), others: [], after: [] });
    writeReview(scope, REVIEW_FOLDER, () => serverReviewFiles(this.model(), this.specOf(this.profile)));
  }

  model(): DeployedServer {
    return this.parts.model();
  }

  specOf(profile: PlatformProfile): NodeSpec {
    return compileServerNode(this.model(), profile);
  }
}
