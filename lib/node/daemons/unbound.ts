import { printUnbound } from "../../config/unbound/print.js";
import { digestOf } from "../compile/digest.js";
import { ALIVE_ZONE } from "../compile/names.js";
import { aliveNameOf, serverAlive } from "../compile/server-health.js";
import { compileUnbound, unboundListeners, unboundStartSettings } from "../compile/unbound.js";
import { daemonWatches } from "../compile/watch.js";
import { featuresOf } from "../features.js";
import type { ServerWork } from "../work.js";
import type { Daemon } from "./daemon.js";

const CONF = "unbound/unbound.conf";
const LIVE = `{state}/current/${CONF}`;

/** unbound on the node of a resolver. */
export const unbound: Daemon<ServerWork> = ({ server, profile }) => {
  if (server.kind !== "unbound") return undefined;
  const text = (aliveName: string) => printUnbound(compileUnbound(server, profile, aliveName));
  const aliveName = aliveNameOf(text(ALIVE_ZONE));
  const reload = featuresOf(profile.versions).reloadKeepsCache ? "reload_keep_cache" : "reload";
  const proxied = server.clientAddress === "proxy-protocol";
  return {
    service: {
      name: "unbound",
      command: ["unbound", "-d", "-p", "-c", LIVE],
      user: profile.user,
      check: ["unbound-checkconf", `{release}/${CONF}`],
      reload: ["unbound-control", "-c", LIVE, reload],
      settings: {},
      restartOn: [],
      startSettings: digestOf(JSON.stringify(unboundStartSettings(server))),
      keepsData: false,
      listeners: unboundListeners(server),
    },
    files: [{ path: CONF, content: text(aliveName) }],
    ready: serverAlive("unbound", server, proxied, aliveName),
    // Not the name of the release, which unbound does not answer during a reload to another release.
    checks: daemonWatches(serverAlive("unbound", server, proxied)),
  };
};
