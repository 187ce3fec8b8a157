import { printNsd } from "../../config/nsd/print.js";
import { digestOf } from "../compile/digest.js";
import {
  compileNsd,
  expectsProxyHeaders,
  nsdAliveFile,
  nsdCheck,
  nsdListeners,
  nsdSecrets,
  nsdStartSettings,
  nsdZoneFiles,
} from "../compile/nsd.js";
import { aliveNameOf, serverAlive } from "../compile/server-health.js";
import { daemonWatches } from "../compile/watch.js";
import type { ServerWork } from "../work.js";
import type { Daemon } from "./daemon.js";

const CONF = "nsd/nsd.conf";
const LIVE = `{state}/current/${CONF}`;

/** Reloads the list of zones and the keys, then the zone files. */
const RELOAD = 'nsd-control -c "$1" reconfig && nsd-control -c "$1" reload';

/** NSD on the node of an authoritative server. */
export const nsd: Daemon<ServerWork> = ({ server, profile }) => {
  if (server.kind !== "nsd") return undefined;
  const files = [{ path: CONF, content: printNsd(compileNsd(server, profile)) }, ...nsdZoneFiles(server)];
  const aliveName = aliveNameOf(...files.flatMap((file) => [file.path, file.content]));
  const proxied = expectsProxyHeaders(server, profile);
  return {
    service: {
      name: "nsd",
      command: ["nsd", "-d", "-c", LIVE],
      user: profile.user,
      check: nsdCheck(server),
      reload: ["sh", "-c", RELOAD, "nsd-reload", LIVE],
      settings: {},
      restartOn: [],
      startSettings: digestOf(JSON.stringify(nsdStartSettings(server, profile))),
      keepsData: true,
      listeners: nsdListeners(server),
    },
    files: [...files, nsdAliveFile(aliveName)],
    ...nsdSecrets(server),
    ready: serverAlive("nsd", server, proxied, aliveName),
    // Not the name of the release, which NSD does not answer during a reload to another release.
    checks: daemonWatches(serverAlive("nsd", server, proxied)),
  };
};
