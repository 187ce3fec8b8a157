import type { IConstruct } from "constructs";
import { DnsdistConfig } from "../config/dnsdist/index.js";
import { HaproxyConfig } from "../config/haproxy/index.js";
import { KeepalivedConfig } from "../config/keepalived/index.js";
import { InternalError } from "../core/errors.js";
import type { LoadBalancer, LoadBalancerNode } from "../model/load-balancer.js";
import type { NodeSpec } from "../model/node-spec.js";
import { TestingError } from "./errors.js";
import { handlesOf } from "./load-balancers-of.js";

/** Compiles the nodes of an app or a stack, as they would be deployed. Throws if validations find anything. */
export function nodesOf(scope: IConstruct): NodeUnderTest[] {
  return handlesOf(scope).flatMap((handle) => {
    const loadBalancer = handle.model();
    return loadBalancer.nodes.map((node) => {
      const spec = handle.specOf(node);
      if (spec === undefined) throw new InternalError(`node "${node.name}" of a valid load balancer was not compiled`);
      return new NodeUnderTest(loadBalancer, node, spec);
    });
  });
}

/** Shows to a test what one node of a load balancer runs. */
export class NodeUnderTest {
  /** The name of the node. */
  readonly name: string;
  /** The files of its release by path, secrets left out. */
  readonly files: ReadonlyMap<string, string>;

  constructor(
    readonly loadBalancer: LoadBalancer,
    readonly node: LoadBalancerNode,
    readonly spec: NodeSpec,
  ) {
    this.name = node.name;
    this.files = new Map(spec.files.map(({ path, content }) => [path, content]));
  }

  /** A file of the release. Asking for one that is not there throws. */
  file(path: string): string {
    const content = this.files.get(path);
    if (content !== undefined) return content;
    throw new TestingError(
      `node "${this.name}" has no file ${path}, it has:\n  ${[...this.files.keys()].join("\n  ")}`,
    );
  }

  /** Its haproxy.cfg. */
  get haproxy(): HaproxyConfig {
    return HaproxyConfig.parse(this.file("haproxy/haproxy.cfg"));
  }

  /** Its policy.lua. */
  get dnsdist(): DnsdistConfig {
    return DnsdistConfig.parse(this.file("dnsdist/policy.lua"));
  }

  /** Its keepalived.conf; only nodes of a pair have one. */
  get keepalived(): KeepalivedConfig {
    return KeepalivedConfig.parse(this.file("keepalived/keepalived.conf"));
  }
}
