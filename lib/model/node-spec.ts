import type { PlatformProfile } from "./platform-profile.js";
import type { Secret } from "./secret.js";

/**
 * Everything a node needs, as data: what a platform turns into containers, cloud-init or, in the lab, processes.
 * It holds no secret, only where secrets come from.
 */
export interface NodeSpec {
  /** The name of the load balancer, or of the server behind one, that the node runs. */
  readonly loadBalancer: string;
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

/** What the node agent follows; written as `manifest.json` into every release. */
export interface Manifest {
  readonly schema: 1;
  readonly loadBalancer: string;
  readonly node: string;
  /** A digest of what the nodes of a load balancer do together, the same on each; absent on servers. */
  readonly configuration?: string;
  readonly user: string;
  readonly services: readonly Service[];
  /** Files that the agent writes on the node, because only there is known what they tell. */
  readonly compose: readonly ComposedFile[];
  /** What must all hold before a release counts as live. */
  readonly ready: readonly ReadyCheck[];
  /** Servers by pool, for status and for draining one of them. */
  readonly pools: readonly { readonly name: string; readonly servers: readonly string[] }[];
  /** What keepalived is told again and again; absent where no other node could take over. */
  readonly watch?: Watch;
}

/** The service of the agent's own that watches the others. */
export const WATCH = "watch";

/**
 * A daemon of the node. In every command `{release}` stands for the directory of the release at hand, `{state}` and
 * `{run}` for those of the node. The environment holds `DNSLB_RELEASE`, the directory of the release.
 */
export interface Service {
  readonly name: "haproxy" | "dnsdist" | "keepalived" | "unbound" | "nsd" | typeof WATCH;
  /** Starts it in the foreground. */
  readonly command: readonly string[];
  /** The user it runs as. */
  readonly user: string;
  /** Judges a release that is not live; any output or a status other than 0 refuses the release. */
  readonly check: readonly string[];
  readonly reload: Reload;
  /** A digest of the settings that it reads only when it starts: where it differs, a release restarts the daemon. */
  readonly startSettings?: string;
  /** It may write to the directory `{state}/data/<name>`, which outlives releases and restarts. */
  readonly keepsData?: true;
}

/** How a running daemon takes a new release. */
export type Reload =
  /** HAProxy's master process: `reload` on its socket, which answers with success or the reason. */
  | { readonly kind: "haproxy-master"; readonly socket: string }
  /** dnsdist's console: the policy is staged, swapped and tidied by the runtime; a changed file of `restartOn` needs a restart. */
  | { readonly kind: "dnsdist-console"; readonly restartOn: readonly string[] }
  | { readonly kind: "signal"; readonly signal: "HUP" | "USR1" }
  | { readonly kind: "command"; readonly command: readonly string[] };

/** A file that the agent writes into a release; its path is relative to the release. */
export type ComposedFile = HaproxyUserlist | NsdKey | ReleaseMetric;

/** Prometheus' text that tells the release, which is named by its other files. */
export interface ReleaseMetric {
  readonly kind: "release-metric";
  readonly path: string;
}

/** HAProxy's list of the one user who may see statistics. */
export interface HaproxyUserlist {
  readonly kind: "haproxy-userlist";
  readonly path: string;
  readonly userlist: string;
  readonly user: string;
  /** Path of the secret file that holds the password. */
  readonly password: string;
}

/** The lines of NSD's clause of a key for transfers. */
export interface NsdKey {
  readonly kind: "nsd-key";
  readonly path: string;
  readonly name: string;
  readonly algorithm: string;
  /** Path of the secret file that holds the key in Base64. */
  readonly secret: string;
}

/** A local check of a daemon, never through a virtual address. */
export type ReadyCheck =
  | {
      readonly kind: "dns";
      readonly service: string;
      readonly port: number;
      readonly name: string;
      /** An address of the node's own; 127.0.0.1 if absent. */
      readonly address?: string;
      /** The service expects PROXY headers. */
      readonly proxyProtocol?: true;
    }
  | { readonly kind: "http"; readonly service: string; readonly port: number; readonly path: string };

/**
 * What the agent asks again and again, each check by itself. For keepalived it keeps 0 or, while the check fails, 1 in
 * `{run}/check-<name>`; and while it lives, the time in `{run}/watch`.
 */
export interface Watch {
  /** From one question to the next, in milliseconds. */
  readonly interval: number;
  /** How long an answer may take, in milliseconds. */
  readonly timeout: number;
  /** Failures in a row that fail a check. */
  readonly fall: number;
  /** Successes in a row after which it passes again; as many as failures where it was never heard before. */
  readonly rise: number;
  readonly checks: readonly WatchCheck[];
}

/** One of the questions. */
export type WatchCheck =
  /** Whether a daemon of the node answers. */
  | { readonly name: "dnsdist" | "haproxy"; readonly kind: "daemon"; readonly check: ReadyCheck }
  /** Fails while a pool has no live server here and has one at the peer. */
  | {
      readonly name: string;
      readonly kind: "pool";
      /** The name that dnsdist answers, here and at the peer, while the pool has a live server. */
      readonly alive: string;
      /** The other node's own address. */
      readonly peer: string;
      /** What the peer's servers must answer, when they are asked through the peer, to prove that they live. */
      readonly proof: { readonly name: string; readonly type: string; readonly recursionDesired: boolean };
      /** The EDNS option that tells the peer which pool to ask. */
      readonly option: number;
      /**
       * How long the peer's word alone must hold against the pool, and its proof after the pool was dead for both, in
       * milliseconds.
       */
      readonly patience: number;
    };
