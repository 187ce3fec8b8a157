import { type LoadBalancer, poolsOf } from "../../model/load-balancer.js";
import type { NodeDescription } from "../../model/node.js";
import type { NodeSpec } from "../../model/node-spec.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import { compileDaemons, type Daemon } from "../daemons/daemon.js";
import { BALANCER_DAEMONS } from "../daemons/index.js";
import { bySeverity } from "../failures.js";
import { mobilityOf } from "../mobility/index.js";
import type { BalancerWork } from "../work.js";
import { configurationOf } from "./configuration.js";
import { assembleNode } from "./manifest.js";

/** Compiles a valid model for one of its nodes on one platform. Same input, same bytes. */
export function compileNode(
  loadBalancer: LoadBalancer,
  node: NodeDescription,
  profile: PlatformProfile,
  daemons: readonly Daemon<BalancerWork>[] = BALANCER_DAEMONS,
): NodeSpec {
  const mobility = mobilityOf(loadBalancer, node);
  const { peers, comparesPools = false } = mobility;
  const work: BalancerWork = { loadBalancer, node, peers, comparesPools, profile };
  const own = compileDaemons(daemons, work);
  const checks = bySeverity(own.flatMap(({ checks = [] }) => checks));
  return assembleNode(
    {
      workload: loadBalancer.name,
      node: node.name,
      configuration: configurationOf(loadBalancer),
      nodes: loadBalancer.nodes,
      profile,
      frontends: loadBalancer.frontends,
      pools: poolsOf(loadBalancer),
      mobility: mobility.manifest(profile, checks),
    },
    [...own, ...compileDaemons(mobility.daemons, { ...work, checks })],
  );
}
