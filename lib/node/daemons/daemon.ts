import type { ComposedFile, ReadyCheck, Service, WatchCheck } from "../../model/manifest.js";
import type { ReleaseFile, SecretFile } from "../../model/node-spec.js";
import type { Pool } from "../../model/pool.js";
import type { PoolMember } from "../../model/pool-member.js";

/**
 * A daemon of nodes that are compiled from a kind of work. Gives what a node needs of it; undefined if the node does not
 * run it.
 */
export type Daemon<Work> = (work: Work) => DaemonParts | undefined;

/** What a node needs of one daemon. */
export interface DaemonParts {
  readonly service: Service;
  /** Its files in the release. */
  readonly files?: readonly ReleaseFile[];
  /** The secret files that it or the agent reads. */
  readonly secretFiles?: readonly SecretFile[];
  /** The files that the agent writes for it on the node. */
  readonly composedFiles?: readonly ComposedFile[];
  /** What it must answer before a release counts as live. */
  readonly ready?: readonly ReadyCheck[];
  /** What it is asked again and again. */
  readonly checks?: readonly WatchCheck[];
  /** What it calls a server of a pool, by what tells its several records of the server apart; empty if it has none. */
  readonly namesOf?: (pool: Pool, server: PoolMember) => Readonly<Record<string, string>>;
}

/** What a node needs of those daemons that it runs, in their order. */
export function compileDaemons<Work>(daemons: readonly Daemon<Work>[], work: Work): DaemonParts[] {
  return daemons.map((daemon) => daemon(work)).filter((parts) => parts !== undefined);
}
