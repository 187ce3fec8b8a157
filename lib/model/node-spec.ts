import type { Manifest } from "./manifest.js";
import type { PlatformProfile } from "./platform-profile.js";
import type { Secret } from "./secret.js";

/**
 * Everything that a node needs, as data. A platform turns it into containers, cloud-init or, in the lab, processes.
 * Secrets are only referenced.
 */
export interface NodeSpec {
  /** The name of the load balancer, or of the downstream server, that the node runs. */
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

/** A file with a secret, written into the release by the platform and readable by the daemons' user alone. */
export interface SecretFile {
  readonly path: string;
  readonly source: Secret;
  /** The certificate whose private key it is, if that is a file of its own. */
  readonly keyOf?: Secret;
}
