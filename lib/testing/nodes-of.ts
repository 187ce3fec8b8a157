import type { IConstruct } from "constructs";
import { BirdConfig } from "../config/bird/index.js";
import { DnsdistConfig } from "../config/dnsdist/index.js";
import { HaproxyConfig } from "../config/haproxy/index.js";
import { KeepalivedConfig } from "../config/keepalived/index.js";
import { type NsdFile, parseNsd } from "../config/nsd/index.js";
import { parseUnbound, type UnboundFile } from "../config/unbound/index.js";
import { InternalError } from "../core/errors.js";
import type { DeployedServer } from "../model/deployed-server.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import { compileNode } from "../node/compile/index.js";
import { compileServerNode } from "../node/compile/server-node.js";
import { TestingError } from "./errors.js";
import { loadBalancerBindingsOf, serverBindingsOf } from "./load-balancers-of.js";

/**
 * Compiles the nodes of an app or a stack, as they would be deployed: those of load balancers first, then those of
 * deployed servers. Throws if a validation fails.
 */
export function nodesOf(scope: IConstruct): NodeUnderTest[] {
  const balancers = loadBalancerBindingsOf(scope).flatMap((handle) => {
    const loadBalancer = handle.model();
    return loadBalancer.nodes.map((node) => {
      const spec = handle.specOf(node);
      if (spec === undefined) throw new InternalError(`node "${node.name}" of a valid load balancer was not compiled`);
      return new NodeUnderTest({ kind: "load-balancer", loadBalancer }, node, spec);
    });
  });
  const servers = serverBindingsOf(scope).map((handle) => {
    const server = handle.model();
    return new NodeUnderTest({ kind: "server", server }, handle.node, handle.specOf(handle.profile));
  });
  return [...balancers, ...servers];
}

/** Compiles the node of a name, as `nodesOf()` does. Throws if there is no node of that name, or several. */
export function nodeOf(scope: IConstruct, name: string): NodeUnderTest {
  const nodes = nodesOf(scope);
  const [found, second] = nodes.filter((node) => node.name === name);
  if (found !== undefined && second === undefined) return found;
  const names = nodes.map((node) => node.name).join(", ") || "none";
  throw new TestingError(
    `there is ${found === undefined ? "no" : "more than one"} node ${JSON.stringify(name)}, there are: ${names}`,
  );
}

/** The workload of a node: a load balancer or a downstream server. */
export type NodeWork =
  | { readonly kind: "load-balancer"; readonly loadBalancer: LoadBalancer }
  | { readonly kind: "server"; readonly server: DeployedServer };

/** Shows the compiled configuration of a node to a test. */
export class NodeUnderTest {
  /** The name of the node. */
  readonly name: string;
  /** The files of the node's release by path, without secrets. */
  readonly files: ReadonlyMap<string, string>;

  constructor(
    readonly work: NodeWork,
    readonly node: NodeDescription,
    readonly spec: NodeSpec,
  ) {
    this.name = node.name;
    this.files = new Map(spec.files.map(({ path, content }) => [path, content]));
  }

  /** The load balancer of the node. Throws on a server's node. */
  get loadBalancer(): LoadBalancer {
    if (this.work.kind === "load-balancer") return this.work.loadBalancer;
    throw new TestingError(`node "${this.name}" runs server "${this.work.server.name}", no load balancer`);
  }

  /** The server of the node. Throws on a load balancer's node. */
  get server(): DeployedServer {
    if (this.work.kind === "server") return this.work.server;
    throw new TestingError(`node "${this.name}" runs load balancer "${this.work.loadBalancer.name}", no server`);
  }

  /** The spec of the same node on another platform, or with other versions of the daemons. */
  specFor(profile: PlatformProfile): NodeSpec {
    return this.work.kind === "server"
      ? compileServerNode(this.work.server, profile)
      : compileNode(this.work.loadBalancer, this.node, profile);
  }

  /** The content of a file of the release. Throws if there is no such file. */
  file(path: string): string {
    const content = this.files.get(path);
    if (content !== undefined) return content;
    throw new TestingError(
      `node "${this.name}" has no file ${path}, it has:\n  ${[...this.files.keys()].join("\n  ")}`,
    );
  }

  /** The node's haproxy.cfg. */
  get haproxy(): HaproxyConfig {
    return HaproxyConfig.parse(this.file("haproxy/haproxy.cfg"));
  }

  /** The node's policy.lua. */
  get dnsdist(): DnsdistConfig {
    return DnsdistConfig.parse(this.file("dnsdist/policy.lua"));
  }

  /** The node's keepalived.conf; only nodes of a pair have one. */
  get keepalived(): KeepalivedConfig {
    return KeepalivedConfig.parse(this.file("keepalived/keepalived.conf"));
  }

  /** The node's bird.conf; only nodes of an `AnycastGroup` have one. */
  get bird(): BirdConfig {
    return BirdConfig.parse(this.file("bird/bird.conf"));
  }

  /** The node's unbound.conf; only nodes of an `UnboundServer` have one. */
  get unbound(): UnboundFile {
    return parseUnbound(this.file("unbound/unbound.conf"));
  }

  /** The node's nsd.conf; only nodes of an `NsdServer` have one. */
  get nsd(): NsdFile {
    return parseNsd(this.file("nsd/nsd.conf"));
  }
}

// jest shows a copy of an object where it differs, for which it would call every getter, and some throw.
Object.defineProperty(NodeUnderTest.prototype, Symbol.for("@jest/serializableProperties"), {
  get(this: NodeUnderTest): string[] {
    return Object.keys(this);
  },
});
