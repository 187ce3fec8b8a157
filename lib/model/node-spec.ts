import type { Manifest } from "./manifest.js";
import type { PlatformProfile } from "./platform-profile.js";
import type { Secret } from "./secret.js";

/**
 * Everything a node needs, as data: what a platform turns into containers, cloud-init or, in the lab, processes.
 * It holds no secret, only where secrets come from.
 */
export interface NodeSpec {
  /** The name of the load balancer, or of the server behind one, that the node runs. */
  readonly workload: string;
  readonly node: string;
  readonly profile: PlatformProfile;
  /** The release without its secrets; `manifest.json` is one of them. Sorted by path. */
  readonly files: readonly ReleaseFile[];
  /** The secret files that complete the release. Sorted by path. */
  readonly secretFiles: readonly SecretFile[];
  readonly manifest: Manifest;
}

/** A rendered file; its path is relative to the release. */
export interface ReleaseFile {
  readonly path: string;
  readonly content: string;
}

/** A file whose bytes are a secret, put into the release by the platform, readable by the daemons' user alone. */
export interface SecretFile {
  readonly path: string;
  readonly source: Secret;
}
