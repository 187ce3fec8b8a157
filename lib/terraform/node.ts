import type { ITerraformDependable } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import { brand } from "./brand.js";

/** A place where the daemons of a load balancer or of a server behind one run: a container, a virtual machine. */
export interface INode extends IConstruct {
  /** The node as plain data. Where it lists its interfaces, a virtual address on another one is refused. */
  readonly description: NodeDescription;
  /** What the compiler must know of the place. */
  readonly profile: PlatformProfile;
  /** The layer 2 network that the node stands in; nodes that can hear each other's VRRP name the same. */
  readonly network: string;
  /** Runs a load balancer or a server on the node. Called once, by what it runs. */
  bind(binding: NodeBinding): NodeConfig;
}

/** A node in the construct tree: every kind of node extends it, since load balancers and servers take no other. */
export abstract class NodeBase extends Construct implements INode {
  abstract readonly description: NodeDescription;
  abstract readonly profile: PlatformProfile;
  abstract readonly network: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    brand(this, "Node");
  }

  abstract bind(binding: NodeBinding): NodeConfig;
}

/** What a load balancer or a server tells its node. */
export interface NodeBinding {
  /** The path of the load balancer or server. */
  readonly workload: string;
  /** What the node is to run; undefined while a load balancer breaks a rule. Never throws. */
  readonly spec: () => NodeSpec | undefined;
  /** What must be done before this node is changed. */
  readonly after: readonly ITerraformDependable[];
}

/** What a node tells what it runs. */
export interface NodeConfig {
  /** The resources that are done when the node runs what it was told to. */
  readonly done: readonly ITerraformDependable[];
}
