import { printHaproxy } from "../../config/haproxy/print.js";
import { listenersOf } from "../../model/listener.js";
import { haproxyAccessLists } from "../compile/access.js";
import { dotClientNames, dotSecretFiles, dotTls } from "../compile/dot.js";
import { compileHaproxy, HAPROXY_SOCKET, HAPROXY_STATE, haproxyListeners } from "../compile/haproxy.js";
import { haproxyAlive } from "../compile/node-health.js";
import { descriptorLimit, memoryLimit } from "../compile/node-limits.js";
import { passThroughSecretFiles, passThroughServerNames } from "../compile/pass-through.js";
import { haproxyServerNames } from "../compile/pool.js";
import { haproxyExemptLists } from "../compile/rate-limit.js";
import {
  METRICS_SOCKET,
  RESTARTS_DUE,
  statisticsComposed,
  statisticsFiles,
  statisticsSecretFiles,
  statisticsTls,
} from "../compile/statistics.js";
import { CERTIFICATES, TICKET_KEYS } from "../compile/tls.js";
import { haproxyTransferLists, haproxyTransferNames } from "../compile/transfer.js";
import { daemonWatches } from "../compile/watch.js";
import type { BalancerWork } from "../work.js";
import type { Daemon } from "./daemon.js";

const SETTINGS = {
  /** The socket of the master process, for reloads; answers with success or the reason. */
  masterSocket: "{run}/haproxy-master.sock",
  /** The runtime API socket of the worker process. */
  runtimeSocket: `{run}/${HAPROXY_SOCKET}`,
  /** The server state file, from which a new process reads which servers are down. */
  stateFile: `{run}/${HAPROXY_STATE}`,
  /** The files with the keys of session tickets: this and the name of the listener. */
  ticketKeys: `{run}/${TICKET_KEYS}`,
  /** What stands before the path of a certificate in the release where the configuration names it. */
  certificates: CERTIFICATES,
} as const;

/** HAProxy on a load balancer's node: TCP, DNS over TLS, statistics. */
export const haproxy: Daemon<BalancerWork> = (work) => {
  const { loadBalancer, node, profile } = work;
  const { frontends, statistics } = loadBalancer;
  const ready = [haproxyAlive()];
  const dot = frontends.flatMap((frontend) => listenersOf(frontend, "dot"));
  return {
    service: {
      name: "haproxy",
      // A directory, because the agent may have written credentials beside haproxy.cfg.
      command: ["haproxy", "-W", "-db", "-S", `${SETTINGS.masterSocket},mode,600`, "-f", "{state}/current/haproxy"],
      user: profile.user,
      check: ["haproxy", "-c", "-f", "{release}/haproxy"],
      reload: [],
      // The map by which its metrics tell which services are to be restarted.
      settings: {
        ...SETTINGS,
        restartsDue: statistics ? RESTARTS_DUE : "",
        // The socket at which the agent tells the metrics of the node.
        ...(statistics ? { metrics: `{run}/${METRICS_SOCKET}` } : {}),
        ...descriptorLimit(work),
        ...memoryLimit(work),
      },
      restartOn: [],
      keepsData: false,
      listeners: haproxyListeners(loadBalancer, node),
    },
    files: [
      { path: "haproxy/haproxy.cfg", content: printHaproxy(compileHaproxy(loadBalancer, node, profile)) },
      ...frontends.flatMap(haproxyAccessLists),
      ...frontends.flatMap(haproxyExemptLists),
      ...(statistics ? statisticsFiles(statistics) : []),
      ...frontends.flatMap(haproxyTransferLists),
      ...dot.flatMap(dotClientNames),
    ],
    secretFiles: [
      ...(statistics ? statisticsSecretFiles(statistics) : []),
      ...dot.flatMap(dotSecretFiles),
      ...frontends.flatMap((frontend) => listenersOf(frontend, "pass-through")).flatMap(passThroughSecretFiles),
    ],
    composedFiles: statistics ? statisticsComposed(statistics) : [],
    tls: [...dot.map(dotTls), ...(statistics ? statisticsTls(statistics) : [])],
    ready,
    checks: daemonWatches(ready),
    namesOf: (pool) => {
      const own = haproxyServerNames(loadBalancer, pool);
      const forTransfers = haproxyTransferNames(loadBalancer, pool);
      const passedThrough = passThroughServerNames(loadBalancer, pool);
      return (server) => ({ ...own(server), ...forTransfers(server), ...passedThrough(server) });
    },
  };
};
