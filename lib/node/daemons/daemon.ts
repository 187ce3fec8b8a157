import type { ComposedFile, ReadyCheck, Service, TlsListener, WatchCheck } from "../../model/manifest.js";
import type { ReleaseFile, SecretFile } from "../../model/node-spec.js";
import type { Pool } from "../../model/pool.js";
import type { PoolMember } from "../../model/pool-member.js";

/**
 * Compiles a daemon's parts of a node; undefined if the node does not run the daemon. `Work` is the input of the node's
 * kind.
 */
export type Daemon<Work> = (work: Work) => DaemonParts | undefined;

/** The parts of a node that belong to one daemon. */
export interface DaemonParts {
  readonly service: Service;
  /** The daemon's files in the release. */
  readonly files?: readonly ReleaseFile[];
  /** The secret files that the daemon or the agent reads. */
  readonly secretFiles?: readonly SecretFile[];
  /** The files that the agent writes for the daemon. */
  readonly composedFiles?: readonly ComposedFile[];
  /** Its listeners with TLS. */
  readonly tls?: readonly TlsListener[];
  /** Checks that must pass before a release is live. */
  readonly ready?: readonly ReadyCheck[];
  /** Periodic health checks. */
  readonly checks?: readonly WatchCheck[];
  /** The daemon's names of the servers of a pool. */
  readonly namesOf?: (pool: Pool) => ServerNames;
}

/** A daemon's names of a server, by place (a backend or a transport); empty if it does not use the server. */
export type ServerNames = (server: PoolMember) => Readonly<Record<string, string>>;

/** Compiles the parts of those daemons that a node runs, in the same order. */
export function compileDaemons<Work>(daemons: readonly Daemon<Work>[], work: Work): DaemonParts[] {
  return daemons.map((daemon) => daemon(work)).filter((parts) => parts !== undefined);
}
