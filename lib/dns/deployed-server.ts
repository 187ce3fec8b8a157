import type { IConstruct } from "constructs";
import type { DeployedServer } from "../model/deployed-server.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import type { Pool } from "../model/pool.js";
import type { PoolMember } from "../model/pool-member.js";
import { isOfKind } from "../terraform/brand.js";

/** The property that marks servers deployed by the app; pools, tests and the lab find them by it. */
export const DEPLOYED_SERVER: unique symbol = Symbol.for("cdktf-dns-lb.Server");

/** A DNS server that the app deploys itself, for the `servers` of a pool. */
export interface IDeployedServer extends IConstruct {
  /** Internal to the library. */
  readonly [DEPLOYED_SERVER]: ServerBinding;
}

/** The library's internal interface to a server that the app deploys itself. */
export interface ServerBinding {
  /** The role of the pools that accept the server. */
  readonly role: Pool["role"];
  /** The server as pools see it. */
  readonly server: PoolMember;
  /** The zones that the server answers for; absent for resolvers. */
  readonly zones?: readonly string[];
  readonly node: NodeDescription;
  readonly profile: PlatformProfile;
  /** The server as plain data. */
  model(): DeployedServer;
  /** Compiles the spec of the server's node. */
  specOf(profile: PlatformProfile): NodeSpec;
}

/** Tells whether a server of a pool is deployed by the app, and not given by its address. */
export function isDeployedServer(server: object): server is IDeployedServer {
  return isOfKind(server, "UnboundServer", "NsdServer");
}
