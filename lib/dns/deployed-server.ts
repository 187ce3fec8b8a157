import type { IConstruct } from "constructs";
import type { DeployedServer } from "../model/deployed-server.js";
import type { NodeDescription } from "../model/node.js";
import type { NodeSpec } from "../model/node-spec.js";
import type { PlatformProfile } from "../model/platform-profile.js";
import type { Pool } from "../model/pool.js";
import type { PoolMember } from "../model/pool-member.js";
import { isOfKind } from "../terraform/brand.js";

/** Marks the servers that an app deploys itself; pools, tests and the lab find them by it. */
export const DEPLOYED_SERVER: unique symbol = Symbol.for("cdktf-dns-lb.Server");

/** A DNS server that the app deploys itself, for the `servers` of a pool. */
export interface IDeployedServer extends IConstruct {
  /** What the parts of the library share about it. */
  readonly [DEPLOYED_SERVER]: ServerBinding;
}

/** What the parts of the library see of a server that the app deploys itself. */
export interface ServerBinding {
  /** The pools that it may be in. */
  readonly role: Pool["role"];
  /** The server as pools see it. */
  readonly server: PoolMember;
  /** The zones that it answers for; absent for resolvers. */
  readonly zones?: readonly string[];
  readonly node: NodeDescription;
  readonly profile: PlatformProfile;
  /** The server as plain data. */
  model(): DeployedServer;
  /** What its node needs. */
  specOf(profile: PlatformProfile): NodeSpec;
}

/** Tells a server that the app deploys itself from a plain address. */
export function isDeployedServer(server: object): server is IDeployedServer {
  return isOfKind(server, "UnboundServer", "NsdServer");
}
