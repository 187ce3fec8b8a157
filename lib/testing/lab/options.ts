import type { Duration } from "../../core/duration.js";
import type { DaemonVersions } from "../../model/platform-profile.js";
import type { LabSecrets } from "./secret.js";
import type { LabRecords } from "./stand-in.js";

/** Options for `Lab.start()`. */
export interface LabOptions extends LabRecords {
  /**
   * What everything of the lab is named after. Labs of different names may run at the same time.
   *
   * @default "lab"
   */
  readonly name?: string;
  /**
   * Secrets, by the name of their variable or the path of their file: texts, or what `LabSecret` makes up.
   *
   * @default - files are read from this machine; a variable without a value is an error
   */
  readonly secrets?: LabSecrets;
  /**
   * The versions that configurations are compiled for.
   *
   * @default - those of the daemons that are installed here
   */
  readonly versions?: DaemonVersions;
  /**
   * Start crashed daemons again after a moment, as supervisors do in production.
   *
   * @default false
   */
  readonly restart?: boolean;
  /**
   * How long the load balancers may take until every frontend answers; `"0s"` does not wait for that.
   *
   * @default "30s"
   */
  readonly readyWithin?: Duration;
}

/** Options for `Lab.waitFor()`. */
export interface WaitForOptions {
  /** @default "10s" */
  readonly timeout?: Duration;
  /**
   * What is waited for, for the error.
   *
   * @default "the condition holds"
   */
  readonly what?: string;
}

/** Options for `Lab.takeoverTime()`. */
export interface TakeoverOptions {
  /**
   * How long to wait for an outage to begin before it is believed that there is none.
   *
   * @default "6s"
   */
  readonly observe?: Duration;
  /** @default "30s" */
  readonly timeout?: Duration;
}
