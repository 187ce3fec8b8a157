import type { Duration } from "../../core/duration.js";
import type { DaemonVersions } from "../../model/platform-profile.js";
import type { LabSecrets } from "./secret.js";
import type { LabRecords } from "./stand-in.js";

/** Options for `Lab.start()`. */
export interface LabOptions extends LabRecords {
  /**
   * The name of the lab. Labs with different names may run at the same time.
   *
   * @default "lab"
   */
  readonly name?: string;
  /**
   * Secrets, by the name of their variable or the path of their file: texts, or values of `LabSecret`.
   *
   * @default - files are read from this machine; a variable without a value is an error
   */
  readonly secrets?: LabSecrets;
  /**
   * The versions for which configurations are compiled.
   *
   * @default - the versions of the installed daemons, or of those in `root`
   */
  readonly versions?: DaemonVersions;
  /**
   * The folder of a Debian system, as debootstrap makes it: nodes and servers run its daemons and programs, on this
   * machine's kernel. It is not changed, and may be used by several labs at once. Clients run programs of this machine.
   *
   * @default - nodes and servers run the programs of this machine
   */
  readonly root?: string;
  /**
   * Restarts crashed daemons after 100 ms, as supervisors do in production.
   *
   * @default false
   */
  readonly restart?: boolean;
  /**
   * How the routers before the nodes of a group choose a node for a flow: `"plain"`, by a hash alone, or `"resilient"`, by
   * groups of next hops in which flows stay where they are when another node leaves or returns.
   *
   * @default "plain"
   */
  readonly ecmp?: "plain" | "resilient";
  /**
   * Whether servers log the queries that reach them, for `LabServer.queries()`. The log takes a part of their processor time:
   * leave it out where the speed of load balancers is measured.
   *
   * @default true
   */
  readonly queryLog?: boolean;
  /**
   * Whether the lab asks the addresses that nodes share around each event, for `Lab.takeoverTime()`. Leave it out where a test
   * sends a load of its own.
   *
   * @default true
   */
  readonly watchTakeovers?: boolean;
  /**
   * How long to wait until every frontend answers; `"0s"` does not wait.
   *
   * @default "30s"
   */
  readonly readyWithin?: Duration;
  /**
   * Called with what the lab does next, in words, such as `"starting servers and nodes"`: it takes seconds until a lab is ready. While
   * it waits for that, it says what is missing, each time that changes.
   *
   * @default - nothing is said
   */
  readonly onProgress?: (what: string) => void;
}

/** Options for `Lab.waitFor()`. */
export interface WaitForOptions {
  /** @default "10s" */
  readonly timeout?: Duration;
  /**
   * The condition in words, for the error.
   *
   * @default "the condition holds"
   */
  readonly what?: string;
}

/** Options for `Lab.takeoverTime()`. */
export interface TakeoverOptions {
  /**
   * How long to wait for an outage before the result is that there is none.
   *
   * @default "6s"
   */
  readonly observe?: Duration;
  /** @default "30s" */
  readonly timeout?: Duration;
}
