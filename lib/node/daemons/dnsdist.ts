import { printDnsdistListeners, printDnsdistPolicy } from "../../config/dnsdist/print.js";
import { runtimeLua } from "../../config/dnsdist/runtime.js";
import { hostPort } from "../../core/ip.js";
import { poolsOf } from "../../model/load-balancer.js";
import { LOOPBACK_PORTS } from "../../model/platform-profile.js";
import { digestOf } from "../compile/digest.js";
import {
  compileDnsdistListeners,
  compileDnsdistPolicy,
  DNSDIST_CONSOLE,
  DNSDIST_KEY,
  dnsdistListeners,
} from "../compile/dnsdist.js";
import { dnsdistAlive } from "../compile/node-health.js";
import { descriptorLimit, processorLimit } from "../compile/node-limits.js";
import { dnsdistServerNames, poolSecretFiles } from "../compile/pool.js";
import { daemonWatches, poolWatches } from "../compile/watch.js";
import type { BalancerWork } from "../work.js";
import type { Daemon } from "./daemon.js";

const CONF = "dnsdist/dnsdist.conf";
const RUNTIME = "dnsdist/runtime.lua";

const SETTINGS = {
  /** The address of the console, through which the agent stages and commits a policy. */
  console: DNSDIST_CONSOLE,
  /** The file with the console's key, which the agent generates. */
  key: `{run}/${DNSDIST_KEY}`,
  /** The configuration of dnsdist's console client, which the agent writes. */
  client: "{run}/dnsdist-client.conf",
  /** Its own metrics, which the agent reads. */
  web: hostPort("127.0.0.1", LOOPBACK_PORTS.dnsdistWeb),
} as const;

/** dnsdist on a load balancer's node: UDP, and inspected TCP. */
export const dnsdist: Daemon<BalancerWork> = (work) => {
  const { loadBalancer, node, profile } = work;
  const { processors } = node;
  const ready = [dnsdistAlive(loadBalancer)];
  return {
    service: {
      name: "dnsdist",
      command: ["dnsdist", "--supervised", "--disable-syslog", "-C", `{state}/current/${CONF}`],
      user: profile.user,
      check: ["dnsdist", "--check-config", "-C", `{release}/${CONF}`],
      reload: [],
      settings: { ...SETTINGS, ...descriptorLimit(work), ...processorLimit(work) },
      restartOn: [CONF, RUNTIME],
      // Its listeners, which are made at a start.
      ...(processors === undefined ? {} : { startSettings: digestOf(`processors ${processors}`) }),
      keepsData: false,
      listeners: dnsdistListeners(loadBalancer, node),
    },
    files: [
      { path: CONF, content: printDnsdistListeners(compileDnsdistListeners(work)) },
      { path: "dnsdist/policy.lua", content: printDnsdistPolicy(compileDnsdistPolicy(work)) },
      { path: RUNTIME, content: runtimeLua() },
    ],
    secretFiles: poolsOf(loadBalancer).flatMap(poolSecretFiles),
    ready,
    checks: [...daemonWatches(ready), ...poolWatches(work)],
    namesOf: dnsdistServerNames,
  };
};
