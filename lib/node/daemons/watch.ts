import { WATCH } from "../../model/daemon-name.js";
import { type LoadBalancer, poolsOf } from "../../model/load-balancer.js";
import type { PlatformProfile } from "../../model/platform-profile.js";
import { scriptFiles } from "../compile/watch.js";
import type { Daemon } from "./daemon.js";

/** What the watch of a node needs to know. */
export interface WatchWork {
  readonly profile: PlatformProfile;
  /** Absent on nodes of downstream servers. */
  readonly loadBalancer?: LoadBalancer;
}

/** The agent's own service on every node, which runs the periodic health checks of the manifest. */
export const watch: Daemon<WatchWork> = ({ profile, loadBalancer }) => {
  const program = `${profile.paths.agent}/dns-lb-agent`;
  const scripts = loadBalancer === undefined ? [] : scriptFiles(poolsOf(loadBalancer));
  return {
    service: {
      name: WATCH,
      command: [program, "--state", "{state}", "--run", "{run}", "watch"],
      user: profile.watchUser,
      // An agent of before, which has no such command, refuses a release whose scripts it would not run.
      check: scripts.length === 0 ? [] : [program, "check-scripts", "{release}"],
      reload: [],
      settings: {},
      restartOn: [],
      // The process that runs scripts must be there from the start.
      ...(scripts.length === 0 ? {} : { startSettings: "scripts" }),
      keepsData: false,
      listeners: [],
    },
    files: scripts,
  };
};
