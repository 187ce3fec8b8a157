import type { DeployedServer } from "../../model/deployed-server.js";
import type { NodeSpec } from "../../model/node-spec.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import { compileDaemons, type Daemon } from "../daemons/daemon.js";
import { SERVER_DAEMONS } from "../daemons/index.js";
import { FIXED } from "../mobility/fixed.js";
import type { ServerWork } from "../work.js";
import { assembleNode } from "./manifest.js";

/** Compiles a valid server for its node on one platform. Same input, same bytes. */
export function compileServerNode(
  server: DeployedServer,
  profile: PlatformProfile,
  daemons: readonly Daemon<ServerWork>[] = SERVER_DAEMONS,
): NodeSpec {
  return assembleNode(
    {
      workload: server.name,
      node: server.node.name,
      profile,
      pools: [],
      mobility: FIXED.manifest(profile, []),
    },
    compileDaemons(daemons, { server, profile }),
  );
}
