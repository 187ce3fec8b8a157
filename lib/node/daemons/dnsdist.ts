import { printDnsdistListeners, printDnsdistPolicy } from "../../config/dnsdist/print.js";
import { runtimeLua } from "../../config/dnsdist/runtime.js";
import {
  compileDnsdistListeners,
  compileDnsdistPolicy,
  DNSDIST_CONSOLE,
  DNSDIST_KEY,
  dnsdistListeners,
} from "../compile/dnsdist.js";
import { dnsdistAlive } from "../compile/node-health.js";
import { dnsdistServerNames } from "../compile/pool.js";
import { daemonWatches, poolWatches } from "../compile/watch.js";
import type { BalancerWork } from "../work.js";
import type { Daemon } from "./daemon.js";

const CONF = "dnsdist/dnsdist.conf";
const RUNTIME = "dnsdist/runtime.lua";

const SETTINGS = {
  /** Where its console listens: there it is told to stage, swap and tidy up a policy. */
  console: DNSDIST_CONSOLE,
  /** The file with the console's key, which the agent makes. */
  key: `{run}/${DNSDIST_KEY}`,
  /** What the agent writes for dnsdist's own client of the console. */
  client: "{run}/dnsdist-client.conf",
} as const;

/** dnsdist on a load balancer's node: UDP, and TCP where every query is inspected. */
export const dnsdist: Daemon<BalancerWork> = (work) => {
  const { node, profile } = work;
  const ready = [dnsdistAlive()];
  return {
    service: {
      name: "dnsdist",
      command: ["dnsdist", "--supervised", "--disable-syslog", "-C", `{state}/current/${CONF}`],
      user: profile.user,
      check: ["dnsdist", "--check-config", "-C", `{release}/${CONF}`],
      reload: [],
      settings: SETTINGS,
      restartOn: [CONF, RUNTIME],
      keepsData: false,
      listeners: dnsdistListeners(node),
    },
    files: [
      { path: CONF, content: printDnsdistListeners(compileDnsdistListeners(work)) },
      { path: "dnsdist/policy.lua", content: printDnsdistPolicy(compileDnsdistPolicy(work)) },
      { path: RUNTIME, content: runtimeLua() },
    ],
    ready,
    checks: [...daemonWatches(ready), ...poolWatches(work)],
    namesOf: dnsdistServerNames,
  };
};
