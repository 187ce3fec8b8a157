import type { ITerraformDependable } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import { brand } from "./brand.js";
import { placeOf } from "./parent.js";

/** A container or virtual machine that runs the daemons of a load balancer or of a downstream server. */
export interface INode extends IConstruct {
  /** The node as plain data. If it lists its interfaces, a virtual address on any other interface is refused. */
  readonly description: NodeDescription;
  /** The properties of the platform on which the node's configuration depends. */
  readonly profile: PlatformProfile;
  /** The layer 2 network of the node, the same string for nodes that receive each other's VRRP adverts. */
  readonly network: string;
  /** The addresses of routers of the node's networks, which no virtual address may have; those that are known. */
  readonly routers?: readonly string[];
  /**
   * Why packets do not pass between the networks of this node and of another one, and what to do about it, as far as the
   * platform knows: in the networks of an interface, or in the first ones.
   */
  obstacleTo?(other: INode, device?: string): string | undefined;
  /**
   * Whether the node's resources do nothing while it is out of service, so that they neither wait nor fail. It keeps its
   * place in the order of changes then: Terraform could not replace resources of a stack whose order has turned around.
   */
  readonly restsOutOfService?: boolean;
  /** Runs a load balancer or a server on the node. Called once, by that construct. */
  bind(binding: NodeBinding): NodeConfig;
}

/** The base class of every kind of node; load balancers and servers accept no other. */
export abstract class NodeBase extends Construct implements INode {
  abstract readonly description: NodeDescription;
  abstract readonly profile: PlatformProfile;
  abstract readonly network: string;

  constructor(scope: Construct, id: string) {
    super(...placeOf(new.target.name, scope, id));
    brand(this, "Node");
  }

  abstract bind(binding: NodeBinding): NodeConfig;
}

/** The arguments of `INode.bind()`: what a load balancer or a server runs on its node. */
export interface NodeBinding {
  /** The construct path of the load balancer or server. */
  readonly workload: string;
  /** Compiles the node's spec; undefined while a load balancer breaks a rule. Never throws. */
  readonly spec: () => NodeSpec | undefined;
  /** The other nodes of the load balancer; a server has none. */
  readonly others: readonly INode[];
  /** Resources that must be done before this node is changed. */
  readonly after: readonly ITerraformDependable[];
}

/** The result of `INode.bind()`. */
export interface NodeConfig {
  /** The resources that are done when the node runs its new configuration. */
  readonly done: readonly ITerraformDependable[];
}
