import { canonicalAddress } from "../../core/ip.js";
import type { Frontend } from "../../model/frontend.js";
import type { Manifest, ManifestFrontend, ManifestMobility, ManifestPool, NodeFile } from "../../model/manifest.js";
import type { NodeDescription } from "../../model/node.js";
import type { NodeSpec } from "../../model/node-spec.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import { minimumUpOf, type Pool } from "../../model/pool.js";
import type { DaemonParts } from "../daemons/daemon.js";
import { sortedByPath } from "./digest.js";
import { compileWatch } from "./watch.js";

/** The parts of a node that do not depend on its daemons. */
export interface NodeFrame {
  /** The name of the load balancer, or of the downstream server, that the node runs. */
  readonly workload: string;
  readonly node: string;
  /** Absent on downstream servers. */
  readonly configuration?: string;
  /** All nodes that do this work; absent on downstream servers. */
  readonly nodes?: readonly NodeDescription[];
  readonly profile: PlatformProfile;
  /** Absent on downstream servers. */
  readonly frontends?: readonly Frontend[];
  readonly pools: readonly Pool[];
  readonly mobility: ManifestMobility;
}

/** Assembles the spec of a node from the parts of its daemons. */
export function assembleNode(frame: NodeFrame, daemons: readonly DaemonParts[]): NodeSpec {
  const { workload, node, profile } = frame;
  const manifest = manifestOf(frame, daemons);
  return {
    workload: workload,
    node,
    profile,
    files: sortedByPath([
      { path: "manifest.json", content: `${JSON.stringify(manifest, null, 2)}\n` },
      ...daemons.flatMap(({ files = [] }) => files),
    ]),
    secretFiles: sortedByPath(daemons.flatMap(({ secretFiles = [] }) => secretFiles)),
    manifest,
  };
}

function manifestOf(frame: NodeFrame, daemons: readonly DaemonParts[]): Manifest {
  const { workload, node, configuration, nodes = [], profile, frontends, pools, mobility } = frame;
  const outOfService = nodes
    .filter((each) => each.outOfService === true)
    .map(({ name, addresses: [address = ""] }) => ({ name, address: canonicalAddress(address) }));
  const tls = daemons.flatMap(({ tls = [] }) => tls);
  const nodeFiles = nodeFilesOf(profile, daemons);
  return {
    schema: 2,
    workload,
    node,
    ...(configuration === undefined ? {} : { configuration }),
    user: profile.user,
    services: daemons.map(({ service }) => service),
    compose: daemons.flatMap(({ composedFiles = [] }) => composedFiles),
    ready: daemons.flatMap(({ ready = [] }) => ready),
    pools: pools.map((pool) => manifestPool(pool, daemons)),
    mobility,
    watch: compileWatch(
      daemons.flatMap(({ checks = [] }) => checks),
      pools,
      profile,
    ),
    ...(outOfService.length === 0 ? {} : { outOfService }),
    ...(tls.length === 0 ? {} : { tls }),
    ...(frontends === undefined ? {} : { frontends: frontends.map(manifestFrontend) }),
    ...(nodeFiles.length === 0 ? {} : { nodeFiles }),
  };
}

/** The secret files whose sources the agent of the node sees. */
function nodeFilesOf({ secretDirectories }: PlatformProfile, daemons: readonly DaemonParts[]): readonly NodeFile[] {
  const isSeen = (path: string) => secretDirectories?.some((each) => path.startsWith(`${each}/`)) ?? true;
  const files = daemons.flatMap(({ secretFiles = [] }) => secretFiles);
  return sortedByPath(
    files.flatMap(({ path, source }) =>
      source.kind === "node-file" && isSeen(source.path) ? [{ path, source: source.path }] : [],
    ),
  );
}

function manifestFrontend({ name, addresses, listeners, tcpPath }: Frontend): ManifestFrontend {
  return {
    name,
    addresses: addresses.map(canonicalAddress),
    listeners: listeners.map(({ kind, port }) => ({ kind, port })),
    tcpPath,
  };
}

function manifestPool(pool: Pool, daemons: readonly DaemonParts[]): ManifestPool {
  const namesIn = daemons.flatMap(({ service, namesOf }) =>
    namesOf === undefined ? [] : [[service.name, namesOf(pool)] as const],
  );
  return {
    name: pool.name,
    servers: pool.servers.map((server) => {
      const names: Record<string, Readonly<Record<string, string>>> = {};
      for (const [daemon, namesOf] of namesIn) {
        const own = namesOf(server);
        if (Object.keys(own).length > 0) names[daemon] = own;
      }
      return { name: server.name, address: canonicalAddress(server.address), port: server.port, names };
    }),
    ...(pool.fallback === undefined
      ? {}
      : { fallback: { pool: pool.fallback.name, below: pool.belowMinHealthy === "try-all" ? 1 : minimumUpOf(pool) } }),
  };
}
